package org.imagerl.toolkit.recipe.advantage;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Objective;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.toolkit.recipe.Groups;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Group-relative trajectory-based policy optimisation (Simoni et al., GTPO: Stabilizing Group Relative Policy
 * Optimization via Gradient and Entropy Control, 2025, arXiv 2508.03772, as in the published code). Where rollouts of a
 * group with advantages of both signs begin alike, they push and pull at the same place: there a positive advantage
 * counts twice, and a negative one not at all.
 *
 * <p><b>What stands for a token.</b> Tokens conflict where they are the same at the same position. Here only a state
 * can be shared: {@code rollout.shared_noise} lets a group begin with one noise, and with a window of noisy steps it
 * stays together up to the first of them. Without that nothing is shared, and this is {@code group}. A conflict is a
 * trained step whose state equals that of a rollout of the other sign. The published code also filters rollouts by
 * their entropy, which a Gaussian step does not have, counts a common end, and divides the loss by the number of
 * conflicts: none of these is here.
 */
public final class GtpoAdvantage implements RolloutAdvantage {
    private static final double DOUBLED = 2;

    /** @param group of the rewards */
    public record Config(GroupAdvantage.Config group) {}

    private final GroupAdvantage base;

    public GtpoAdvantage(Config config) {
        this.base = new GroupAdvantage(config.group);
    }

    @Override
    public int minimumGroup() {
        return base.minimumGroup();
    }

    @Override
    public Objective.Needs needs() {
        return new Objective.Needs(true, false, Set.of());
    }

    @Override
    public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
        Trajectories trajectories = rollouts.trajectories();
        int[] steps = StepAdvantages.trained(trajectories);
        List<float[][]> states = new ArrayList<>();
        for (int step : steps) {
            states.add(rows(trajectories, step));
        }
        double[][] a = resolved(groups, base.advantages(groups, rewards), states);
        return StepAdvantages.of(a, steps, trajectories.kernel().steps());
    }

    private static float[][] rows(Trajectories trajectories, int step) {
        float[][] rows = new float[trajectories.size()][];
        Gradients.off(() -> {
            Scope.run(() -> {
                for (int i = 0; i < rows.length; i++) {
                    NDArray row = trajectories.state(step).get(i);
                    rows[i] = row.toFloatArray();
                }
            });
            return rows;
        });
        return rows;
    }

    /**
     * By sample and step.
     *
     * @param states per step the state of each sample
     */
    static double[][] resolved(List<String> groups, double[] a, List<float[][]> states) {
        double[][] resolved = new double[a.length][states.size()];
        for (int i = 0; i < a.length; i++) {
            Arrays.fill(resolved[i], a[i]);
        }
        for (int[] group : Groups.of(groups)) {
            for (int k = 0; k < states.size(); k++) {
                float[][] at = states.get(k);
                for (int i : group) {
                    boolean conflict =
                            IntStream.of(group).anyMatch(j -> a[i] * a[j] < 0 && Arrays.equals(at[i], at[j]));
                    resolved[i][k] = conflict ? DOUBLED * Math.max(0, a[i]) : a[i];
                }
            }
        }
        return resolved;
    }
}
