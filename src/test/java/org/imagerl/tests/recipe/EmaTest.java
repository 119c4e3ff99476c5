package org.imagerl.tests.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.TreeMap;
import org.imagerl.toolkit.optim.Ema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The averaged weights that are evaluated and exported. */
class EmaTest {
    private static final double DECAY = 0.5;

    private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");
    private final NDArray weight = manager.full(new Shape(2), 1f, DataType.FLOAT32);
    private final TreeMap<String, NDArray> weights = new TreeMap<>();

    @AfterEach
    void close() {
        manager.close();
    }

    private Ema ema() {
        weights.put("w", weight);
        return new Ema(DECAY, weights, manager);
    }

    /** (1 + k) / (10 + k) reaches 0.5 at k = 8. */
    @Test
    void theDecayRisesToItsSetting() {
        try (Ema ema = ema()) {
            for (int k = 0; k < 12; k++) {
                double expected = k < 8 ? (1 + k) / (10.0 + k) : DECAY;
                assertThat(ema.nextDecay()).as("update %d", k).isCloseTo(expected, within(1e-12));
                ema.update();
            }
            assertThat(ema.updates()).isEqualTo(12);
        }
    }

    /** Flow-GRPO's wrapper: the decay is that of the caller's count, whatever the number of moves so far. */
    @Test
    void theDecayIsThatOfTheCountThatIsGiven() {
        try (Ema ema = ema()) {
            weight.addi(1f); // from 1 to 2
            ema.update(2);
            assertThat((double) average(ema)).isCloseTo(2 - 3.0 / 12, within(1e-6));
            weight.addi(1f);
            ema.update(100);
            assertThat((double) average(ema)).isCloseTo(DECAY * (2 - 3.0 / 12) + (1 - DECAY) * 3, within(1e-6));
        }
    }

    @Test
    void theAverageStartsAtTheWeightsAndFollowsThem() {
        try (Ema ema = ema()) {
            double expected = 1;
            for (int k = 0; k < 12; k++) {
                weight.addi(0.25f);
                double decay = ema.nextDecay();
                ema.update();
                expected = decay * expected + (1 - decay) * (1 + 0.25 * (k + 1));
            }
            assertThat((double) average(ema)).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void theAverageStandsInForTheWeightsAndGivesThemBackToTheBit() {
        try (Ema ema = ema()) {
            weight.addi(0.1f);
            ema.update();
            float before = weight.getFloat(0);
            float average = average(ema);
            assertThat((float) ema.with(() -> weight.getFloat(1)))
                    .isEqualTo(average)
                    .isNotEqualTo(before);
            assertThat(weight.toFloatArray()).containsExactly(before, before);
            assertThat(average(ema)).isEqualTo(average);
        }
    }

    private static float average(Ema ema) {
        return ema.averages().get("w").getFloat(0);
    }
}
