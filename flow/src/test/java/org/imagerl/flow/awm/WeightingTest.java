package org.imagerl.flow.awm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WeightingTest {
    private static final double[] ERRORS = {0, 1e-3, 0.1, 1, 30};
    private static final double[] TIMES = {0.2, 0.4, 0.6, 0.8, 1};

    private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    private double[] values(Weighting weighting, double power, double[] times) {
        NDArray errors = manager.create(ERRORS);
        return weighting.logLikelihood(errors, times, power).toDoubleArray();
    }

    @Test
    void theWeightingsAreThePublishedOnes() {
        for (int i = 0; i < ERRORS.length; i++) {
            double e = ERRORS[i];
            double t = TIMES[i];
            assertThat(values(Weighting.UNIFORM, 1, TIMES)[i]).isCloseTo(-e, within(1e-12));
            assertThat(values(Weighting.T, 1, TIMES)[i]).isCloseTo(-t * e, within(1e-12));
            assertThat(values(Weighting.T2, 1, TIMES)[i]).isCloseTo(-t * t * e, within(1e-12));
            double huber = -t * (Math.sqrt(e + 1e-10) - 1e-5);
            assertThat(values(Weighting.HUBER, 1, TIMES)[i]).isCloseTo(huber, within(1e-12));
            double ghuber = -t / 0.25 * (Math.pow(e + 1e-10, 0.25) - Math.pow(1e-10, 0.25));
            assertThat(values(Weighting.GHUBER, 0.25, TIMES)[i]).isCloseTo(ghuber, within(1e-12));
        }
    }

    @Test
    void thePowersJoinTheOthers() {
        assertThat(values(Weighting.GHUBER, 1, TIMES)).containsExactly(values(Weighting.T, 1, TIMES), within(1e-9));
        double[] half = values(Weighting.GHUBER, 0.5, TIMES);
        double[] huber = values(Weighting.HUBER, 1, TIMES);
        for (int i = 0; i < half.length; i++) {
            assertThat(half[i]).isCloseTo(2 * huber[i], within(1e-9));
        }
    }

    /** 178 at 1e-3, 31.6 at 0.01, 5.6 at 0.1, 1 at 1. */
    @Test
    void aSmallPowerLiftsSmallErrors() {
        double[] slopes = {178, 31.6, 5.6, 1};
        double[] errors = {1e-3, 1e-2, 0.1, 1};
        for (int i = 0; i < errors.length; i++) {
            double step = 1e-5 * errors[i];
            NDArray around = manager.create(new double[] {errors[i] - step, errors[i] + step});
            double[] l = Weighting.GHUBER
                    .logLikelihood(around, new double[] {1, 1}, 0.25)
                    .toDoubleArray();
            assertThat((l[0] - l[1]) / (2 * step)).isCloseTo(slopes[i], within(0.005 * slopes[i]));
        }
    }
}
