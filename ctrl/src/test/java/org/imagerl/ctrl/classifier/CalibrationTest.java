package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CalibrationTest {

    /** Labels drawn from the probabilities of the logits, which are then made too confident by a factor. */
    private static Calibration tooConfident(double factor) {
        SplittableRandom random = new SplittableRandom(4);
        List<double[]> logits = new ArrayList<>();
        int[] labels = new int[4000];
        for (int i = 0; i < labels.length; i++) {
            double[] honest = {random.nextDouble(-2, 2), random.nextDouble(-2, 2), random.nextDouble(-2, 2)};
            double[] p = Calibration.probabilities(honest, 1);
            double u = random.nextDouble();
            labels[i] = u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
            for (int k = 0; k < 3; k++) {
                honest[k] *= factor;
            }
            logits.add(honest);
        }
        return new Calibration(logits, labels);
    }

    @Test
    void theTemperatureIsTheFactorOfConfidence() {
        for (double factor : new double[] {0.5, 1, 3}) {
            Calibration calibration = tooConfident(factor);
            double temperature = calibration.temperature();
            assertThat(temperature).isCloseTo(factor, within(0.1 * factor));
            assertThat(calibration.negativeLogLikelihood(temperature))
                    .isLessThanOrEqualTo(calibration.negativeLogLikelihood(1));
        }
    }

    @Test
    void theCalibrationErrorFallsWithIt() {
        Calibration calibration = tooConfident(3);
        assertThat(calibration.expectedCalibrationError(1)).isGreaterThan(0.15);
        assertThat(calibration.expectedCalibrationError(3)).isLessThan(0.04);
    }

    @Test
    void theErrorOfAFewImagesIsWhatAPersonCounts() {
        double[] sure = {Math.log(0.9), Math.log(0.1)};
        Calibration calibration = new Calibration(List.of(sure, sure, sure, sure), new int[] {0, 0, 0, 1});
        assertThat(calibration.expectedCalibrationError(1)).isCloseTo(0.9 - 0.75, within(1e-9));
    }

    @Test
    void confusionCountsAndF1IsTheHarmonicMean() {
        Confusion confusion = Confusion.of(3, new int[] {0, 0, 0, 1, 1, 2}, new int[] {0, 0, 1, 1, 1, 0});
        assertThat(confusion.accuracy()).isCloseTo(4 / 6.0, within(1e-9));
        // 0: precision 2/3, recall 2/3; 1: precision 2/3, recall 1; 2: never right
        assertThat(confusion.macroF1()).isCloseTo((2 / 3.0 + 0.8 + 0) / 3, within(1e-9));
        assertThat(confusion.table().lines()).hasSize(4);
    }
}
