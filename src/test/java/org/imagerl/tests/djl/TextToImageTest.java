package org.imagerl.tests.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.flow.pipeline.Flux;
import org.imagerl.flow.pipeline.StableDiffusion3;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.djl.TextToImage;
import org.imagerl.training.djl.TextToImageBlock;
import org.imagerl.training.djl.TextToImageTranslator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tiny checkpoints of golden/pipelines through DJL's Criteria. */
class TextToImageTest {
    private static final String PROMPT = "a photo of the cat";
    private static final int STEPS = 4;

    private final Path checkpoint = Paths.tinyCheckpoint();

    private Criteria.Builder<String, Image> criteria() {
        return criteria(checkpoint).optArgument("eta", 0.5);
    }

    private static Criteria.Builder<String, Image> criteria(Path folder) {
        return TextToImage.criteria(folder)
                .optDevice(Device.cpu())
                .optArgument("steps", STEPS)
                .optArgument("guidance", "3.5")
                .optArgument("seed", 11);
    }

    private static int[] predict(Criteria<String, Image> criteria) throws Exception {
        try (ZooModel<String, Image> model = criteria.loadModel();
                Predictor<String, Image> predictor = model.newPredictor()) {
            return pixels(predictor.predict(PROMPT));
        }
    }

    private static int[] pixels(Image image) {
        BufferedImage wrapped = (BufferedImage) image.getWrappedImage();
        return wrapped.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    @Test
    void givesTheImageOfOurOwnSampler() throws Exception {
        requireOurOwnImage(
                StableDiffusion.FAMILY, checkpoint, new DdimDynamics(new DdimDynamics.Config(0.5)), null, criteria());
    }

    /** The door takes the family of the folder from the plugins on the class path. FLUX's own size is 64 times as many tokens as are needed here. */
    @ParameterizedTest
    @ValueSource(strings = {"sd3-tiny", "flux-tiny"})
    void opensTheOtherFamiliesToo(String name) throws Exception {
        Path folder = Paths.golden().resolve("pipelines").resolve(name);
        PipelineFactory family = name.startsWith("flux") ? Flux.FAMILY : StableDiffusion3.FAMILY;
        ImageSize size = name.startsWith("flux") ? new ImageSize(32, 32) : null;
        requireOurOwnImage(family, folder, new OdeDynamics(), size, criteria(folder));
        assertThatThrownBy(
                        () -> criteria(folder).optArgument("eta", 0.5).build().loadModel())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the dynamics ddim step through the schedule of a diffusion checkpoint");
    }

    private static void requireOurOwnImage(
            PipelineFactory family,
            Path folder,
            Dynamics dynamics,
            @Nullable ImageSize asked,
            Criteria.Builder<String, Image> criteria)
            throws Exception {
        if (asked != null) {
            criteria.optArgument("width", asked.width()).optArgument("height", asked.height());
        }
        PipelineFactory.Options options =
                new PipelineFactory.Options("float32", false, new Context(Path.of("."), "cpu", 1, line -> {}));
        try (Pipeline pipeline = family.open(folder, options)) {
            ImageSize size = asked == null ? pipeline.defaultSize() : asked;
            ImageSampler sampler = new ImageSampler(
                    pipeline, dynamics, new ImageSampler.Settings(STEPS, 3.5, "", size.width(), size.height()));
            RgbImage expected =
                    sampler.images(List.of(Prompt.of("p", PROMPT)), 11).get(0);
            int[] actual = predict(criteria.build());
            assertThat(actual).hasSize(size.width() * size.height());
            assertThat(IntStream.range(0, actual.length)
                            .filter(i -> (actual[i] & 0xffffff) != rgb(expected, i % size.width(), i / size.width())))
                    .as("pixels that differ")
                    .isEmpty();
        }
    }

    private static int rgb(RgbImage image, int x, int y) {
        return image.at(x, y, 0) << 16 | image.at(x, y, 1) << 8 | image.at(x, y, 2);
    }

    @Test
    void givesTheSameImageAgainAndAnotherOneForAnotherSeed() throws Exception {
        try (ZooModel<String, Image> model = criteria().build().loadModel();
                Predictor<String, Image> predictor = model.newPredictor();
                Predictor<String, Image> other = model.newPredictor(new TextToImageTranslator(12))) {
            int[] first = pixels(predictor.predict(PROMPT));
            assertThat(pixels(predictor.predict(PROMPT))).isEqualTo(first);
            assertThat(pixels(other.predict(PROMPT))).isNotEqualTo(first);
        }
    }

    @Test
    void appliesALora() throws Exception {
        Path trained = Paths.checkpointOfAdapters();
        Path lora = Paths.golden().resolve("lora/sd-kohya/lora.safetensors");
        int[] plain = predict(criteria(trained).build());
        assertThat(predict(criteria(trained).optArgument("lora", lora).build())).isNotEqualTo(plain);
        assertThat(predict(criteria(trained)
                        .optArgument("lora", lora.toString())
                        .optArgument("lora_scale", 0)
                        .build()))
                .isEqualTo(plain);
    }

    @Test
    void makesImagesOfTheSizeAskedFor() throws Exception {
        Criteria<String, Image> wide =
                criteria().optArgument("width", 48).optArgument("height", 16).build();
        try (ZooModel<String, Image> model = wide.loadModel();
                Predictor<String, Image> predictor = model.newPredictor()) {
            Image image = predictor.predict(PROMPT);
            assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(48, 16);
        }
    }

    @Test
    void servesManyThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (ZooModel<String, Image> model = criteria().build().loadModel();
                Predictor<String, Image> predictor = model.newPredictor()) {
            int[] expected = pixels(predictor.predict(PROMPT));
            Callable<int[]> call = () -> pixels(predictor.predict(PROMPT));
            for (Future<int[]> image : threads.invokeAll(Collections.nCopies(6, call))) {
                assertThat(image.get()).isEqualTo(expected);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void endsTheCheckpointWithTheModel() throws Exception {
        ZooModel<String, Image> model = criteria().build().loadModel();
        Predictor<String, Image> predictor = model.newPredictor();
        NDManager pipeline = manager(model);
        assertThat(pipeline.isOpen()).isTrue();
        model.close();
        assertThat(pipeline.isOpen()).isFalse();
        assertThatThrownBy(() -> predictor.predict(PROMPT)).isInstanceOf(Exception.class);
    }

    @Test
    void leavesNoArrayBehind() throws Exception {
        try (ZooModel<String, Image> model = criteria().build().loadModel();
                Predictor<String, Image> predictor = model.newPredictor()) {
            predictor.predict(PROMPT);
            int before = manager(model).getManagedArrays().size();
            int beside = model.getNDManager().getManagedArrays().size();
            predictor.predict(PROMPT);
            assertThat(manager(model).getManagedArrays()).hasSize(before);
            assertThat(model.getNDManager().getManagedArrays()).hasSize(beside);
        }
    }

    private static NDManager manager(ZooModel<String, Image> model) {
        return ((TextToImageBlock) model.getBlock()).pipeline().manager();
    }

    @Test
    void refusesArgumentsThatAreUnknownOrOutOfRange() {
        refuses("step", 20, "there is no argument step; did you mean steps? (known: dtype, eta, guidance,");
        refuses("steps", 0, "steps must be from 1 to 1000, not 0");
        refuses("steps", 2.5, "steps must be a whole number, not 2.5");
        refuses("guidance", "high", "guidance must be a number, not high");
        refuses("eta", 2, "eta must be from 0 to 1, not 2");
        refuses("width", 33, "width and height must be multiples of 2, not 33 x 32");
        refuses("dtype", "int8", "dtype must be float32, float16 or bfloat16, not int8");
    }

    private void refuses(String name, Object value, String message) {
        assertThatThrownBy(() -> criteria().optArgument(name, value).build().loadModel())
                .as(name)
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }

    /** SDXL, with no argument: what imagerl sample does without options. */
    @Test
    void withoutArgumentsItDoesWhatTheCommandLineDoes() throws Exception {
        Path folder = Paths.golden().resolve("pipelines/sdxl-tiny");
        try (ZooModel<String, Image> model =
                TextToImage.criteria(folder).optDevice(Device.cpu()).build().loadModel()) {
            ImageSampler.Settings settings = ((TextToImageBlock) model.getBlock()).settings();
            assertThat(settings.steps()).isEqualTo(ImageSampler.Settings.DEFAULT_STEPS);
            assertThat(settings.guidance()).isEqualTo(ImageSampler.Settings.DEFAULT_GUIDANCE);
            assertThat(RunConfigLoader.defaults()).contains("guidance: " + settings.guidance());
            assertThat(settings.negativePrompt()).isEmpty();
        }
    }

    @Test
    void saysWhyACheckpointIsRefused(@TempDir Path scratch) throws IOException {
        assertThatThrownBy(() -> load(scratch))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is no checkpoint");
        Path bare = Files.createDirectory(scratch.resolve("unet"));
        Files.writeString(bare.resolve("config.json"), "{}");
        assertThatThrownBy(() -> load(bare)).isInstanceOf(UserException.class).hasMessageContaining("is no checkpoint");
        Path pickle = Files.write(scratch.resolve("v1-5.ckpt"), new byte[] {(byte) 0x80, 2, '.'});
        assertThatThrownBy(() -> load(pickle)).isInstanceOf(UserException.class).hasMessageContaining("is a pickle");
        Path single = checkpoint.resolve("unet/diffusion_pytorch_model.safetensors");
        assertThat(single).exists();
        assertThatThrownBy(() -> load(single))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is a UNet in diffusers layout; name the checkpoint folder that it belongs to");
        assertThatThrownBy(() -> load(scratch.resolve("gone")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("gone: there is no such file or folder");
    }

    private static void load(Path folder) throws Exception {
        criteria(folder).build().loadModel().close();
    }

    @Test
    void refusesATypeThatItDoesNotMake() {
        assertThatThrownBy(() -> TextToImage.criteria(checkpoint)
                        .setTypes(Image.class, Image.class)
                        .build()
                        .loadModel())
                .isInstanceOf(ModelNotFoundException.class);
    }
}
