package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.assertj.core.data.Offset;
import org.imagerl.spi.Guidance;
import org.junit.jupiter.api.Test;

/** What every rule of guidance must do; extend it with a test of your own. */
public abstract class GuidanceContract {
    private static final double SCALE = 5;
    private static final int ELEMENTS = 12;

    /** A fresh one. */
    protected abstract Guidance create();

    private static NDArray latents(NDManager manager, int samples, double offset) {
        float[] values = new float[samples * ELEMENTS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(3.3 * i + offset);
        }
        return manager.create(values, new Shape(samples, 3, 2, 2));
    }

    /** A negative prompt that is the prompt leads nowhere. */
    @Test
    public void equalOutputsStayAsTheyAre() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray both = latents(manager, 2, 0);
            assertThat(create().output(both, both, SCALE).toFloatArray())
                    .containsExactly(both.toFloatArray(), Offset.offset(1e-5f));
        }
    }

    /** What else is in the batch changes nothing. */
    @Test
    public void eachSampleIsGuidedByItself() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray negative = latents(manager, 3, 0);
            NDArray positive = latents(manager, 3, 1);
            NDArray all = create().output(negative, positive, SCALE);
            assertThat(all.getShape()).isEqualTo(positive.getShape());
            for (int i = 0; i < 3; i++) {
                NDArray alone =
                        create().output(negative.get(i + ":" + (i + 1)), positive.get(i + ":" + (i + 1)), SCALE);
                assertThat(alone.toFloatArray()).containsExactly(all.get(i).toFloatArray(), Offset.offset(1e-5f));
            }
        }
    }
}
