package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.spi.Checkpointing;
import org.junit.jupiter.api.Test;

final class PlanTest {
    /** A call takes 20 ms, an image 3 ms. */
    private static double perImage(int batch) {
        return 0.003 + 0.02 / batch;
    }

    @Test
    void tellsFromTwoSmallBatchesWhatALargeOneTakes() {
        assertThat(MeasuredTimes.inBatch(64, 2, perImage(2), 8, perImage(8))).isCloseTo(perImage(64), within(1e-9));
        assertThat(MeasuredTimes.inBatch(3, 2, perImage(2), 3, perImage(3))).isCloseTo(perImage(3), within(1e-9));
        assertThat(MeasuredTimes.inBatch(2, 2, perImage(2), 2, perImage(2))).isCloseTo(perImage(2), within(1e-9));
    }

    @Test
    void takesTheLargerOfTwoBatchesAsItIsWhereNoLineCanBeDrawn() {
        assertThat(MeasuredTimes.inBatch(64, 2, 0.1, 8, 0.02)).isEqualTo(0.02); // eight images took less than two
        assertThat(MeasuredTimes.inBatch(64, 2, 0.01, 8, 0.02)).isEqualTo(0.02); // less than nothing for a call
    }

    @Test
    void countsLessRunAgainWhereTheConvolutionsOfAUnetAreNotTrained() {
        assertThat(checkpointed("unet", new Shape(4, 320))).isCloseTo(3.15, within(1e-9));
        assertThat(checkpointed("unet", new Shape(4, 320), new Shape(4, 320, 3, 3)))
                .isEqualTo(4);
        assertThat(checkpointed("transformer", new Shape(4, 320))).isEqualTo(4);
        assertThat(checkpointed(Checkpointing.LEAST, "unet", new Shape(4, 320))).isCloseTo(3.75, within(1e-9));
    }

    private static double checkpointed(String denoiser, Shape... trained) {
        return checkpointed(Checkpointing.TRUE, denoiser, trained);
    }

    private static double checkpointed(Checkpointing how, String denoiser, Shape... trained) {
        return Plan.checkpointed(how, 3, Set.of(denoiser, "vae"), Stream.of(trained));
    }
}
