package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** The gradients of trained tensors, put aside so that others can be accumulated and both be joined. It costs a copy of the gradients. */
public final class GradientAside implements AutoCloseable {
    private final Accumulated accumulated;
    private final NDManager manager;
    private final SortedMap<String, NDArray> aside = new TreeMap<>();

    /**
     * Takes the accumulated gradients, which are cleared.
     *
     * @param parameters float32 leaves of any shape that require gradients, by name; not owned
     * @param parent the copies live in a sub-manager of this
     */
    public GradientAside(SortedMap<String, NDArray> parameters, NDManager parent) {
        accumulated = new Accumulated(parameters);
        manager = parent.newSubManager();
        Gradients.off(() -> {
            accumulated.gradients().forEach((name, gradient) -> {
                NDArray copy = Scope.keep(manager.zeros(gradient.getShape(), DataType.FLOAT32));
                InPlaceKernels.copyInPlace(copy, gradient);
                aside.put(name, copy);
                gradient.close();
            });
            accumulated.clear();
            return null;
        });
    }

    /**
     * How two gradients lie to each other.
     *
     * @param asideNorm norm of the gradients that were put aside
     * @param norm of those that were accumulated since
     * @param cosine of the angle between them; NaN where one of them is zero
     */
    public record Angle(double asideNorm, double norm, double cosine) {}

    /** Makes {@code a g + b h} of the gradients g that were put aside and the accumulated ones h, in the place of the latter. */
    public Angle join(PenaltyGradient combination) {
        return Gradients.off(() -> {
            Angle[] angle = new Angle[1];
            Scope.run(() -> angle[0] = joined(combination));
            return angle[0];
        });
    }

    private Angle joined(PenaltyGradient combination) {
        SortedMap<String, NDArray> gradients = accumulated.gradients();
        double product = 0;
        double squared = 0;
        double others = 0;
        for (var entry : gradients.entrySet()) {
            NDArray h = entry.getValue().toType(DataType.FLOAT64, false);
            NDArray g = Objects.requireNonNull(aside.get(entry.getKey())).toType(DataType.FLOAT64, false);
            product += h.mul(g).sum().getDouble();
            squared += g.mul(g).sum().getDouble();
            others += h.mul(h).sum().getDouble();
        }
        PenaltyGradient.Factors factors = combination.factors(squared, product);
        gradients.forEach((name, h) -> {
            NDArray g = Objects.requireNonNull(aside.get(name));
            InPlaceKernels.copyInPlace(h, Kernels.combine(g, factors.policy(), h, factors.penalty()));
        });
        return new Angle(Math.sqrt(squared), Math.sqrt(others), product / Math.sqrt(squared * others));
    }

    @Override
    public void close() {
        manager.close();
    }
}
