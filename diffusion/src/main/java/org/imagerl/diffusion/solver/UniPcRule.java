package org.imagerl.diffusion.solver;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.TransitionKernel;

/**
 * One step of UniPC (arXiv 2302.04867, algorithms 1 and 2): first the latents are corrected with the prediction that was made from them,
 * then the next latents are predicted. With m the predicted clean latents, r_k the distances of earlier points from the last one in units of
 * h, and D_k = (m_k - m_0) / r_k:
 *
 * <pre>
 *   x' = sigma' / sigma x - alpha' (e^-h - 1) (m_0 + sum_k rho_k D_k)
 * </pre>
 *
 * <p>The history is the corrected latents before the last step and then the last predictions, the newest first.
 *
 * @param levels of the grid
 * @param order p
 * @param lowerOrderFinal whether the order falls to 1 towards the end
 */
record UniPcRule(Levels levels, int order, boolean lowerOrderFinal) implements SolverKernel.Rule {

    @Override
    public TransitionKernel.Advance next(int step, NDArray latents, NDArray x0, List<NDArray> history) {
        List<NDArray> predictions = new ArrayList<>(List.of(x0));
        NDArray corrected;
        if (history.isEmpty()) {
            corrected = latents.duplicate();
        } else {
            predictions.addAll(history.subList(1, history.size()));
            int before = order(step - 1, history.size() - 1);
            corrected = corrector(step, before).of(history.get(0), predictions);
        }
        List<NDArray> kept = predictions.subList(0, Math.min(order, predictions.size()));
        List<NDArray> left = new ArrayList<>(List.of(corrected));
        left.addAll(kept);
        return new TransitionKernel.Advance(
                predictor(step, order(step, kept.size())).of(corrected, kept), left);
    }

    /** The order of the step, if so many predictions are known; a step to no noise is of order 1. */
    private int order(int step, int known) {
        int falling = lowerOrderFinal ? Math.min(order, levels.steps() - step) : order;
        return levels.clean(step + 1) ? 1 : Math.min(falling, known);
    }

    /** From a point to the next one, by the predictions at the point and before it. */
    Weights predictor(int step, int order) {
        double[] onX0 = new double[order];
        double gain = -levels.alpha(step + 1) * levels.phi(step, step + 1);
        onX0[0] = gain;
        if (order > 1) {
            double[] distances = distances(step, step + 1, order - 1);
            double[] rho = order == 2 ? new double[] {0.5} : rho(step, step + 1, distances);
            addDifferences(onX0, 0, gain, rho, distances);
        }
        return new Weights(levels.sigmaRatio(step, step + 1), onX0);
    }

    /** From the point before to this one again, by the prediction at this one (the newest), at the point before and earlier. */
    Weights corrector(int step, int order) {
        double[] onX0 = new double[order + 1];
        double gain = -levels.alpha(step) * levels.phi(step - 1, step);
        double[] distances = new double[order];
        System.arraycopy(distances(step - 1, step, order - 1), 0, distances, 0, order - 1);
        distances[order - 1] = 1;
        double[] rho = order == 1 ? new double[] {0.5} : rho(step - 1, step, distances);
        onX0[0] = gain * rho[order - 1];
        onX0[1] = gain * (1 - rho[order - 1]);
        double[] earlier = new double[order - 1];
        System.arraycopy(rho, 0, earlier, 0, order - 1);
        addDifferences(onX0, 1, gain, earlier, distances);
        return new Weights(levels.sigmaRatio(step - 1, step), onX0);
    }

    /** Adds {@code gain rho_k (m_k - m_0) / r_k} to the factors, m_0 being that of an index. */
    private static void addDifferences(double[] onX0, int origin, double gain, double[] rho, double... distances) {
        for (int k = 0; k < rho.length; k++) {
            double factor = gain * rho[k] / distances[k];
            onX0[origin] -= factor;
            onX0[origin + 1 + k] += factor;
        }
    }

    /** r_k: where the points before one lie, in units of the way from it to another. */
    private double[] distances(int from, int to, int count) {
        double[] distances = new double[count];
        for (int k = 0; k < count; k++) {
            distances[k] = levels.between(from, from - 1 - k) / levels.between(from, to);
        }
        return distances;
    }

    /** Solves {@code sum_k r_k^(i-1) rho_k = b_i}, i = 1, 2, ..., with {@code b_i = i! phi_(i+1)(-h) / (e^-h - 1)}. */
    private double[] rho(int from, int to, double... distances) {
        int size = distances.length;
        double[][] rows = new double[size][size + 1];
        double minusH = -levels.between(from, to);
        double phi = levels.phi(from, to) / minusH - 1;
        double factorial = 1;
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < size; k++) {
                rows[i][k] = Math.pow(distances[k], i);
            }
            rows[i][size] = phi * factorial / levels.phi(from, to);
            factorial *= i + 2;
            phi = phi / minusH - 1 / factorial;
        }
        return solved(rows);
    }

    /** Gauss-Jordan elimination; the distances differ, so that no pivot of these rows is 0. */
    private static double[] solved(double[]... rows) {
        int size = rows.length;
        for (int pivot = 0; pivot < size; pivot++) {
            for (int row = 0; row < size; row++) {
                double factor = rows[row][pivot] / rows[pivot][pivot];
                for (int k = pivot; row != pivot && k <= size; k++) {
                    rows[row][k] -= factor * rows[pivot][k];
                }
            }
        }
        double[] solution = new double[size];
        for (int i = 0; i < size; i++) {
            solution[i] = rows[i][size] / rows[i][i];
        }
        return solution;
    }
}
