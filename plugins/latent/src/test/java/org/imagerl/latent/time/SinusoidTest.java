package org.imagerl.latent.time;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.junit.jupiter.api.Test;

class SinusoidTest {
    private final NDManager manager = NDManager.newBaseManager();

    private float[] of(Sinusoid sinusoid, double value) {
        NDArray result = sinusoid.apply(manager.create(new double[] {value}));
        assertThat(result.getDataType()).isEqualTo(DataType.FLOAT32);
        return result.toFloatArray();
    }

    @Test
    void hasSinesThenCosinesOfFallingFrequencies() {
        assertThat(of(new Sinusoid(4, false, 0), 999))
                .containsExactly(
                        (float) Math.sin(999), (float) Math.sin(9.99), (float) Math.cos(999), (float) Math.cos(9.99));
    }

    @Test
    void flippedHasTheCosinesFirst() {
        assertThat(of(new Sinusoid(2, true, 0), 3)).containsExactly((float) Math.cos(3), (float) Math.sin(3));
    }

    @Test
    void withAShiftOfOneEndsAtTheLowestFrequency() {
        assertThat(of(new Sinusoid(4, false, 1), 3)[1]).isEqualTo((float) Math.sin(3e-4));
    }

    @Test
    void ofOddWidthEndsInZero() {
        assertThat(of(new Sinusoid(3, false, 0), 3)).containsExactly((float) Math.sin(3), (float) Math.cos(3), 0);
    }
}
