package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TransitionKernel;
import org.junit.jupiter.api.Test;

/** What every weight of steps must do; extend it with a test of your own. */
public abstract class StepWeightContract {

    /** A fresh one. */
    protected abstract StepWeight create();

    /** A sampler that it is for: one of four steps with noise. */
    protected TransitionKernel kernel() {
        return new StraightKernel(4, 0.6);
    }

    private double[] weights(StepWeight part) {
        TransitionKernel kernel = kernel();
        return IntStream.range(0, kernel.steps())
                .mapToDouble(step -> part.weight(kernel, step))
                .toArray();
    }

    /** A step can be left out, but none is unlearned. */
    @Test
    public void weightsAreNoLessThanZeroAndSomeAreMore() {
        double[] weights = weights(create());
        assertThat(Arrays.stream(weights)).allMatch(weight -> weight >= 0 && Double.isFinite(weight));
        assertThat(Arrays.stream(weights)).anyMatch(weight -> weight > 0);
    }

    /** A run that is resumed must get the same. */
    @Test
    public void aStepHasTheSameWeightAgain() {
        StepWeight part = create();
        double[] first = weights(part);
        assertThat(weights(part)).containsExactly(first);
        assertThat(weights(create())).containsExactly(first);
    }

    /** A weight that needs no transitions is the same for all steps. */
    @Test
    public void tellsStepsApartOnlyIfItSaysSo() {
        StepWeight part = create();
        if (!part.needsTransition()) {
            assertThat(weights(part)).containsOnly(weights(part)[0]);
        }
    }
}
