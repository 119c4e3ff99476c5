package org.imagerl.samples.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Features;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.TableFormat.ColumnType;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.testkit.AugmentationContract;
import org.imagerl.testkit.DataSourceContract;
import org.imagerl.testkit.DynamicsContract;
import org.imagerl.testkit.FeaturesContract;
import org.imagerl.testkit.LikelihoodContract;
import org.imagerl.testkit.PipelineContract;
import org.imagerl.testkit.PretrainingContract;
import org.imagerl.testkit.TableFormatContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The larger parts of docs/plugins.md do what they say. */
class LargerPartsTest {

    @TempDir
    static Path folder;

    private static Context context(Path place) {
        return new Context(place, "cpu", 1, line -> {});
    }

    private static Pretraining untrained(int steps, Path place) {
        return NewConvFlow.create(
                new NewConvFlow.Settings(new PretrainPlan.Data(null, 64, 10), 16, steps), context(place));
    }

    /** Of the example's pretraining, after two steps; made for the first test that asks. */
    private static synchronized Path checkpointOfTheExample() {
        Path checkpoint = folder.resolve("conv-flow");
        if (Files.notExists(checkpoint)) {
            untrained(2, folder).run(checkpoint, (stage, done, total, detail) -> {});
        }
        return checkpoint;
    }

    /** What the example's pretraining makes is one of the example's family. */
    @Nested
    class Family extends PipelineContract {

        @Override
        protected PipelineFactory family() {
            return ConvFlow.FAMILY;
        }

        @Override
        protected Path checkpoint() {
            return checkpointOfTheExample();
        }

        @Override
        protected PipelineFactory.Options options() {
            return new PipelineFactory.Options("float32", false, context(folder));
        }
    }

    @Nested
    class Named extends DataSourceContract {
        @Override
        protected DataSource open(Path place, ImageSize size) {
            for (String name : List.of("a-red-apple", "a-red-apple_2", "a-pear", "a-plum")) {
                PngWriter.write(
                        place.resolve(name + ".png"), TestImages.gradient(size.width(), size.height()), Map.of());
            }
            return new NamedImages(new NamedImages.Settings(".", List.of("a plum")), context(place));
        }

        @Test
        void namesArePrompts(@TempDir Path place) {
            try (DataSource source = open(place, new ImageSize(8, 4))) {
                assertThat(source.heldOut()).extracting(Prompt::text).containsExactly("a plum");
                assertThat(source.examples("a red apple")).containsExactly(1, 2);
                Example last = source.example(2);
                assertThat(last.prompt()).isEqualTo(Prompt.of("a-red-apple_2", "a red apple"));
                ImageSize other = new ImageSize(4, 4);
                assertThatThrownBy(() -> source.check(other))
                        .isInstanceOf(UserException.class)
                        .hasMessageContaining("a-pear.png: has 8 x 4 pixels");
                assertThatThrownBy(() -> source.image(last.images().get(0), other))
                        .isInstanceOf(UserException.class)
                        .hasMessageContaining("a-red-apple_2.png: has 8 x 4 pixels");
            }
        }
    }

    @Nested
    class OnAFlow extends DynamicsContract {
        @Override
        protected Dynamics create() {
            return new RenewedNoise(0.5);
        }

        @Override
        protected Schedule schedule() {
            return new ConvFlow.StraightLine();
        }

        /** What is kept of the noise and what is new have together the variance that the schedule says. */
        @Test
        void aStepKeepsTheVarianceOfTheNoise() {
            TransitionKernel kernel = create().kernel(schedule(), 2);
            try (NDManager manager = NDManager.newBaseManager()) {
                Shape one = new Shape(1, 1, 1, 1);
                NDArray noise = manager.full(one, 4); // and the image 0: the state is the noise, as is the velocity
                double kept = kernel.mean(0, noise, noise).getFloat() / 4.0;
                assertThat(kept * kept + kernel.std(0) * kernel.std(0)).isCloseTo(0.25, within(1e-6));
                assertThat(kernel.std(0)).isEqualTo(0.25);
                assertThat(kernel.std(1)).isZero();
            }
        }
    }

    @Nested
    class OnADiffusion extends DynamicsContract {
        @Override
        protected Dynamics create() {
            return new RenewedNoise(1);
        }

        @Override
        protected Schedule schedule() {
            return new Cosine();
        }
    }

    /** Variance-preserving, of a denoiser that says the noise. */
    private record Cosine() implements Schedule {
        @Override
        public String description() {
            return "cosine";
        }

        @Override
        public AlphaSigma at(double timestep) {
            return new AlphaSigma(Math.cos(1.5 * timestep), Math.sin(1.5 * timestep), 0, 1);
        }

        @Override
        public double timestep(double position) {
            return position;
        }

        @Override
        public TransitionKernel ode(int steps) {
            return new RenewedNoise(0).kernel(this, steps);
        }
    }

    @Nested
    class Denoising extends LikelihoodContract {
        @Override
        protected Likelihood create() {
            return new DenoisingLikelihood(0.5);
        }
    }

    @Nested
    class Statistics extends FeaturesContract {
        @Override
        protected Features create() {
            return new ColourStatistics();
        }
    }

    @Nested
    class Tabs extends TableFormatContract {
        @Override
        protected TableFormat create() {
            return new TabFormat();
        }
    }

    @Nested
    class Styles extends AugmentationContract {
        @Override
        protected Augmentation create() {
            return new StyleAugmentation(List.of("ink", "oil"));
        }

        @Override
        protected Pipeline checkpoint() {
            return ConvFlow.FAMILY.open(
                    checkpointOfTheExample(), new PipelineFactory.Options("float32", false, context(folder)));
        }

        @Override
        protected Map<String, String> wishes() {
            return Map.of("style", "oil");
        }
    }

    @Nested
    class Training extends PretrainingContract {
        @Override
        protected Pretraining create(Path place) {
            return untrained(3, place);
        }

        @Override
        protected String last() {
            return "unet/diffusion_pytorch_model.safetensors";
        }
    }

    @Test
    void oneStepHasNoNoiseToRenew() {
        assertThatThrownBy(() -> new RenewedNoise(0.5).check(1))
                .hasMessageContaining("rollout.steps: must be at least 2");
        new RenewedNoise(0).check(1);
    }

    @Test
    void colourStatisticsAreMeansAndDeviations() {
        RgbImage image = new RgbImage(2, 1, new byte[] {(byte) 255, 0, 51, 0, 0, 51});
        assertThat(new ColourStatistics().of(List.of(image))[0])
                .containsExactly(new float[] {0.5f, 0, 0.2f, 0.5f, 0, 0}, within(1e-6f));
    }

    @Test
    void aTableWithTabsIsReadAndWritten() throws IOException {
        Path table = Files.writeString(folder.resolve("in.tab"), "file_name\ttext\na.png\ta \"red\" apple\n");
        Path lines = folder.resolve("lines.jsonl");
        new TabFormat().toJsonLines(table, lines);
        assertThat(Files.readString(lines)).isEqualTo("{\"file_name\":\"a.png\",\"text\":\"a \\\"red\\\" apple\"}\n");
        Files.writeString(lines, "{\"name\":\"a\\tb\",\"score\":0.5}\n{\"name\":\"c\"}\n");
        Path written = folder.resolve("out.tab");
        Map<String, ColumnType> columns = new LinkedHashMap<>();
        columns.put("name", ColumnType.TEXT);
        columns.put("score", ColumnType.NUMBER);
        new TabFormat().fromJsonLines(lines, columns, written);
        assertThat(Files.readString(written)).isEqualTo("name\tscore\na\\tb\t0.5\nc\t\n");
        Files.writeString(table, "file_name\ttext\na.png\n");
        assertThatThrownBy(() -> new TabFormat().toJsonLines(table, folder.resolve("none.jsonl")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("in.tab:2: has 1 columns, but the first line names 2");
    }

    @Test
    void everyPromptIsTrainedInEveryStyle() {
        StyleAugmentation styles = new StyleAugmentation(List.of("ink", "oil"));
        Prompt cat = Prompt.of("cat", "a cat");
        List<Prompt> all = styles.prompts(List.of(cat));
        assertThat(all).extracting(Prompt::text).containsExactly("a cat", "a cat");
        assertThat(all).extracting(Prompt::id).containsExactly("cat/ink", "cat/oil");
        assertThat(styles.prompts(all)).isEqualTo(all);
        Prompt asked = styles.ask(cat, Map.of("style", "oil"));
        assertThat(asked).isEqualTo(all.get(1));
        assertThat(styles.asked(asked)).isEqualTo(Map.of("style", "oil"));
        assertThatThrownBy(() -> styles.ask(cat, Map.of("style", "neon"))).hasMessageContaining("one of ink, oil");
    }

    @Test
    void theBenchmarkSaysALine() {
        List<String> lines = new ArrayList<>();
        new GuidanceBenchmark(2, 3).run(lines::add);
        assertThat(lines).singleElement().asString().startsWith("guidance of a latent of 4 x 2 x 2: ");
    }
}
