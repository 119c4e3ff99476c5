package org.imagerl.latent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageLatentsTest {
    private final NDManager manager = NDManager.newBaseManager();
    private final Residence residence = Residence.always(new ParameterStore("vae"), DataType.FLOAT32, () -> {});
    private int encoded;

    @TempDir
    private Path folder;

    private ImageLatents latents(String identity) {
        return new ImageLatents(residence, EmbeddingCache.in(folder, line -> {}), () -> identity);
    }

    private NDArray images(float... first) {
        float[] pixels = new float[first.length * 12];
        for (int i = 0; i < first.length; i++) {
            pixels[12 * i + 5] = first[i];
        }
        return manager.create(pixels, new Shape(first.length, 3, 2, 2)).duplicate();
    }

    private NDArray encode(NDArray images) {
        encoded += (int) images.getShape().get(0);
        return images.mul(manager.full(new Shape(), 2f, DataType.FLOAT32));
    }

    @Test
    void anImageIsEncodedOnceWhateverIsBesideIt() {
        float[] both = latents("one").of(images(0.25f, 0.5f), this::encode).toFloatArray();
        assertThat(both).containsExactly(encode(images(0.25f, 0.5f)).toFloatArray());
        encoded = 0;
        assertThat(latents("one").of(images(0.5f, 0.75f, 0.25f), this::encode).toFloatArray())
                .containsExactly(encode(images(0.5f, 0.75f, 0.25f)).toFloatArray());
        assertThat(encoded).isEqualTo(1 + 3);
    }

    @Test
    void anotherVaeAndAnotherShapeAreOtherImages() {
        latents("one").of(images(0.25f), this::encode);
        latents("two").of(images(0.25f), this::encode);
        assertThat(encoded).isEqualTo(2);
        latents("one").of(images(0.25f).reshape(1, 3, 1, 4), this::encode);
        assertThat(encoded).isEqualTo(3);
    }

    @Test
    void whatIsTrainedOrRecordedIsNotTakenFromDisk() {
        latents("one").of(images(0.25f), this::encode);
        Gradients.record(recording -> latents("one").of(images(0.25f), this::encode));
        residence.change();
        latents("one").of(images(0.25f), this::encode);
        assertThat(encoded).isEqualTo(3);
    }
}
