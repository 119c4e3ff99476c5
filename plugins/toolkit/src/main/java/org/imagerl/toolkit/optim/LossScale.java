package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.State;
import org.imagerl.spi.Stateful;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * What a loss is multiplied by before it is differentiated, so that gradients on their way through a network in float16 are not rounded to zero
 * (Micikevicius et al., Mixed Precision Training, 2018, arXiv 1710.03740, section 3.2). It is a power of two, and divided out in float32. It
 * is halved when a gradient overflows, and the update is skipped; after many updates in a row without that it is doubled. The numbers are those of
 * {@code torch.amp.GradScaler}.
 */
public final class LossScale implements Stateful {
    private static final double INITIAL = 65_536;
    private static final double GROWTH = 2;
    private static final double LEAST = 1;
    private static final long UPDATES_TO_GROW = 2000;
    private static final String VALUE = "scale";
    private static final String GOOD = "good_updates";

    private final boolean dynamic;
    private double value;
    private long good;

    private LossScale(boolean dynamic, double value) {
        this.dynamic = dynamic;
        this.value = value;
    }

    /** 1, for good. */
    public static LossScale none() {
        return new LossScale(false, 1);
    }

    /** One that follows what the gradients allow. */
    public static LossScale dynamic() {
        return new LossScale(true, INITIAL);
    }

    /** Whether it changes. */
    public boolean isDynamic() {
        return dynamic;
    }

    /** The factor of the next loss. */
    public double value() {
        return value;
    }

    /** Divides the gradients of leaves of any shape, float32, by it. */
    public void unscale(Collection<NDArray> leaves) {
        if (dynamic) {
            Gradients.off(() -> {
                Scope.run(() -> {
                    List<NDArray> gradients =
                            leaves.stream().map(NDArray::getGradient).toList();
                    InPlaceKernels.scaleInPlace(gradients, 1 / value);
                });
                return leaves;
            });
        }
    }

    /**
     * Learns from an update.
     *
     * @param skipped whether its gradient was not finite
     * @return whether that may be for the scale alone, so that the next one may succeed
     */
    public boolean learn(boolean skipped) {
        if (!dynamic) {
            return false;
        }
        if (skipped) {
            boolean lowered = value > LEAST;
            value = Math.max(LEAST, value / GROWTH);
            good = 0;
            return lowered;
        }
        good++;
        if (good == UPDATES_TO_GROW) {
            value *= GROWTH;
            good = 0;
        }
        return false;
    }

    @Override
    public State state() {
        return dynamic ? State.of(Map.of(VALUE, new double[] {value}, GOOD, new double[] {good})) : State.NONE;
    }

    @Override
    public void restore(State state) {
        if (dynamic && !state.numbers().isEmpty()) { // none in runs of versions that did not scale
            value = state.number(VALUE);
            good = (long) state.number(GOOD);
        }
    }
}
