package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

/** What everything must do that a checkpoint is conditioned on beside the prompt; extend it with a test of your own. */
public abstract class AugmentationContract {
    private static final List<Prompt> PROMPTS = List.of(Prompt.of("a", "the cat"), Prompt.of("b", "the dog"));

    /** A fresh one, before it is trained. */
    protected abstract Augmentation create();

    /** A small checkpoint that it fits, opened anew. */
    protected abstract Pipeline checkpoint();

    /** What a person may ask for. */
    protected abstract Map<String, String> wishes();

    /** Each prompt is trained on with some values at least; a resumed run has the same prompts. */
    @Test
    public void everyPromptGetsValues() {
        List<Prompt> made = create().prompts(PROMPTS);
        assertThat(made).extracting(Prompt::id).doesNotHaveDuplicates();
        for (Prompt prompt : PROMPTS) {
            assertThat(made).anySatisfy(own -> assertThat(own.text()).isEqualTo(prompt.text()));
        }
        assertThat(create().prompts(PROMPTS)).isEqualTo(made);
        assertThat(create().prompts(List.of())).isEmpty();
    }

    /** What is drawn for an epoch depends on the seed alone. */
    @Test
    public void drawsFollowFromTheSeed() {
        Augmentation part = create();
        for (Prompt prompt : part.prompts(PROMPTS)) {
            Prompt drawn = part.drawn(prompt, 5);
            part.drawn(prompt, 6);
            assertThat(part.drawn(prompt, 5)).isEqualTo(drawn);
            assertThat(create().drawn(prompt, 5)).isEqualTo(drawn);
            assertThat(drawn.id()).isEqualTo(prompt.id());
            assertThat(drawn.text()).isEqualTo(prompt.text());
        }
    }

    @Test
    public void whatIsAskedForIsSaidAgain() {
        Augmentation part = create();
        Prompt asking = part.ask(PROMPTS.get(0), wishes());
        assertThat(asking.text()).isEqualTo(PROMPTS.get(0).text());
        assertThat(part.asked(asking)).containsAllEntriesOf(wishes());
        assertThatThrownBy(() -> part.ask(PROMPTS.get(0), Map.of("no such name", "1")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such name");
    }

    @Test
    public void itsFilesAreThere() {
        for (Path file : create().files()) {
            assertThat(file).isRegularFile();
        }
    }

    /** A prompt that names no values gives the checkpoint's own images, to the bit. */
    @Test
    public void withoutValuesTheCheckpointIsUnchanged() {
        float[] own;
        try (Pipeline base = checkpoint()) {
            own = output(base);
        }
        Augmentation part = create();
        try (Pipeline augmented = part.augment(checkpoint())) {
            ImageSize size = augmented.defaultSize();
            part.checkSize(size.width(), size.height());
            assertThat(output(augmented)).containsExactly(own);
            int before = augmented.manager().getManagedArrays().size();
            output(augmented);
            assertThat(augmented.manager().getManagedArrays()).hasSize(before);
        }
    }

    /** The denoiser's output for a prompt. */
    private static float[] output(Pipeline pipeline) {
        ImageSize size = pipeline.defaultSize();
        long[] latent = pipeline.latentShape(size.width(), size.height());
        float[] values = new float[(int) (latent[0] * latent[1] * latent[2])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(1.7 * i);
        }
        try (NDManager work = pipeline.manager().newSubManager()) {
            NDArray latents = work.create(values, new Shape(1, latent[0], latent[1], latent[2]))
                    .duplicate();
            double[] time = {pipeline.schedule(size.width(), size.height()).timestep(0.5)};
            Map<String, NDArray> conditioning = pipeline.condition(work, PROMPTS.subList(0, 1), List.of(), size)
                    .positive();
            float[] output = pipeline.denoise(latents, time, conditioning).toFloatArray();
            assertThat(Arrays.equals(output, values))
                    .as("an output that is its input")
                    .isFalse();
            return output;
        }
    }
}
