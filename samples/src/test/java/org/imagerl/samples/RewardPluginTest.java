package org.imagerl.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.config.registry.Registry;
import org.imagerl.samples.parts.PartsPlugin;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.testkit.LoraLayoutContract;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.imagerl.toolkit.lora.files.BaseModules;
import org.imagerl.toolkit.lora.files.Inspection;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.safetensors.SafetensorsFiles;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.Training;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example plugin, compiled against the contracts alone and found in a folder, as a stranger's would be; and runs with parts of docs/plugins.md. */
class RewardPluginTest extends RewardContract {
    private static final Path SOURCES = Project.folder("samples/reward-plugin/src/main");

    /** Few layers with random weights, where it does not matter what the images show. */
    private static final Path SMALL = Project.folder("src/test/resources/golden/pipelines/sd-small");

    @TempDir
    static Path folder;

    private static @Nullable Registry registry;

    /** Built for the first test that asks, which is in the contract. */
    private static synchronized Registry registry() {
        if (registry == null) {
            try {
                Path classes = Files.createDirectories(folder.resolve("classes"));
                compile(files(SOURCES.resolve("java")), classes);
                Path plugins = Files.createDirectories(folder.resolve("plugins"));
                jar(plugins.resolve("reward-plugin.jar"), classes, SOURCES.resolve("resources"));
                registry = Registry.load(List.of(plugins)).with(new PartsPlugin());
            } catch (IOException | URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
        return registry;
    }

    private static void compile(List<Path> sources, Path classes) throws IOException, URISyntaxException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "--release",
                    "17",
                    "-proc:none",
                    "-d",
                    classes.toString(),
                    "-classpath",
                    place(Plugin.class) + File.pathSeparator + place(NDArray.class));
            var units = manager.getJavaFileObjectsFromPaths(sources);
            assertThat(compiler.getTask(null, manager, null, options, null, units)
                            .call())
                    .isTrue();
        }
    }

    private static Path place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static void jar(Path target, Path... roots) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(target))) {
            for (Path root : roots) {
                for (Path file : files(root)) {
                    jar.putNextEntry(
                            new JarEntry(root.relativize(file).toString().replace(File.separatorChar, '/')));
                    Files.copy(file, jar);
                }
            }
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Override
    protected Reward create() {
        return create("colourfulness");
    }

    private static Reward create(String reward) {
        Context context = new Context(folder, "cpu", 1, warning -> {});
        return RewardArguments.read(registry(), reward).reward().create(context);
    }

    @Override
    protected List<Example> examples() {
        Prompt prompt = Prompt.of("p", "anything");
        return List.of(
                new Example(TestImages.noise(20, 10, 3), prompt),
                new Example(TestImages.gradient(30, 30), prompt),
                new Example(TestImages.text(64, 32, "472"), prompt));
    }

    @Test
    void isInTheListOfPlugins() {
        assertThat(registry().warnings()).isEmpty();
        assertThat(registry().plugins()).extracting(Plugin::name).contains("colour", "diffusion", "rewards");
    }

    /** Half pure red, half pure green: a is 255 and -255, b is 127.5, so the score is 255 + 0.3 x 127.5. */
    @Test
    void scoresRedBesideGreen() {
        RgbImage image = new RgbImage(2, 1, new byte[] {(byte) 255, 0, 0, 0, (byte) 255, 0});
        assertThat(score("colourfulness", image)).isCloseTo(293.25, within(1e-9));
        assertThat(score("{type: colourfulness, divisor: 100}", image)).isCloseTo(2.9325, within(1e-9));
    }

    /** An epoch of DDPO on the shipped checkpoint, with a quarter of its pixels: what the fixed evaluation images score follows the sign of the weight. */
    @ParameterizedTest
    @ValueSource(doubles = {1, -1})
    void trainingRaisesItsReward(double weight) throws IOException {
        Path scratch = Files.createTempDirectory(folder, "run");
        Files.writeString(scratch.resolve("prompts.txt"), "a sign that says \"472\"\na sign that says \"950\"\n");
        Path file = Files.writeString(scratch.resolve("colour.yaml"), """
            checkpoint: %s
            device: cpu
            epochs: 1
            run: {folder: %s}
            tuning: {type: lora, rank: 16, alpha: 16, targets: [to_q, to_k, to_v, to_out.0, conv1, conv2]}
            prompts: prompts.txt
            evaluation: {prompts: prompts.txt, samples_per_prompt: 16}
            rollout: {steps: 4, guidance: 1.0, prompts_per_epoch: 2, samples_per_prompt: 32, batch_size: 32,
              width: 32, height: 16}
            algorithm:
              preset: ddpo
              trust_region: {type: clip, range: 6.0e-3}
              advantage: {type: group}
              trained_steps: {type: fixed, steps: [0, 1]}
            optimiser: {learning_rate: 3.0e-3, beta2: 0.95, updates_per_epoch: 4, micro_batch: 16}
            rewards: [{type: colourfulness, weight: %s}]
            samples: {prompts: 1, seeds: [0]}
            """.formatted(
                        Project.folder("samples/words"), scratch.resolve("runs"), weight));
        Training.Result result = Training.start(
                new RunConfigLoader(registry()).load(file, List.of()),
                registry(),
                List.of(),
                (stage, done, total, detail) -> {},
                notice -> {});
        String reward = "evaluation_reward_mean";
        assertThat(result.after().get(reward)).isGreaterThan(result.before().get(reward) + 5);
    }

    /** The prompt sampler of the example parts remembers rewards: nothing in the loop knows of it, and it resumes to the bit. */
    @Test
    void aRunWithAPartThatRemembersResumesToTheBit() throws IOException {
        Path whole = remembering(4);
        Path resumed = remembering(2);
        for (String file : List.of(
                "pytorch_lora_weights.safetensors",
                "checkpoints/step-000000004/state.json",
                "checkpoints/step-000000004/trainer.safetensors")) {
            assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
        assertThat(Files.readString(whole.resolve("checkpoints/step-000000004/state.json")))
                .contains("\"rollout.prompt_sampler\":{");
    }

    /** Four epochs, which the user stops after some and goes on with; in another folder than the runs before it. */
    private static Path remembering(int stopped) throws IOException {
        Path scratch = Files.createTempDirectory(folder, "remembering");
        Files.writeString(scratch.resolve("prompts.txt"), "a photo of the cat\nthe dog\nthe photo\n");
        Path file = Files.writeString(scratch.resolve("hardest.yaml"), """
            checkpoint: %s
            device: cpu
            epochs: 4
            run: {folder: %s, save_every: 2}
            tuning: {type: lora, rank: 2, alpha: 2, targets: [to_q]}
            prompts: prompts.txt
            rollout: {steps: 2, guidance: 1.0, prompts_per_epoch: 1, samples_per_prompt: 4, batch_size: 4,
              width: 16, height: 16, prompt_sampler: hardest}
            algorithm: ddpo
            optimiser: {learning_rate: 3.0e-3, updates_per_epoch: 1, micro_batch: 4}
            rewards: [colourfulness]
            samples: {prompts: 1, seeds: [0]}
            """.formatted(SMALL, scratch.resolve("runs")));
        Progress stops = new Progress() {
            private boolean done;

            @Override
            public void update(String stage, long epochs, long total, String detail) {
                done |= stage.equals("epoch") && epochs == stopped;
            }

            @Override
            public boolean stopped() {
                return done;
            }
        };
        Training.Result result = Training.start(
                new RunConfigLoader(registry()).load(file, List.of()), registry(), List.of(), stops, notice -> {});
        if (!result.finished()) {
            result = Training.resume(result.folder(), registry(), (stage, done, total, detail) -> {}, notice -> {});
        }
        assertThat(result.finished()).isTrue();
        return result.folder();
    }

    /** The layout of the example parts beside those on board. */
    @Nested
    class Layout extends LoraLayoutContract {
        @Override
        protected LoraLayout create() {
            return registry().loraLayout("flat-example");
        }

        @Override
        protected List<LoraLayout> others() {
            return registry().loraLayouts();
        }

        @Override
        protected TensorFiles files() {
            return new SafetensorsFiles();
        }

        @Test
        void isFoundOutWhereAnAdapterIsReadInspectedAndLoaded() {
            LoraPair pair = pair(1, new Shape(1, 32), new Shape(32, 1), 0.5);
            String path = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
            LoraWeights weights = LoraWeights.of(Map.of(path, pair), Map.of());
            Path file = super.folder.resolve("a.safetensors");
            LoraFiles.write(create(), file, weights, BaseModules.unknown(), DataType.FLOAT32);
            LoraFiles known = LoraFiles.in(registry().loraLayouts());
            assertThat(known.read(file, BaseModules.unknown()).pairs()).containsOnlyKeys(path);
            assertThat(Inspection.of(file, known).what()).isEqualTo("a LoRA in flat-example layout");
            assertThatThrownBy(() -> LoraFiles.builtIn().read(file, BaseModules.unknown()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("this is no LoRA file");

            Path elsewhere = super.folder.resolve("b.safetensors");
            LoraFiles.write(
                    create(),
                    elsewhere,
                    LoraWeights.of(Map.of("kitchen.sink", pair), Map.of()),
                    BaseModules.unknown(),
                    DataType.FLOAT32);
            assertThatThrownBy(() -> known.read(elsewhere, BaseModules.unknown()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("in flat-example layout")
                    .hasMessageContaining("kitchen.sink");

            Path words = Project.folder("samples/words");
            Context context = RegistryPartCodec.context(registry(), words, "cpu", 1, line -> {});
            try (Pipeline pipeline =
                    registry().pipeline(words).open(words, new PipelineFactory.Options("float32", false, context))) {
                assertThatThrownBy(() -> pipeline.loadLora(file, 1))
                        .isInstanceOf(UserException.class)
                        .hasMessageContaining(path)
                        .hasMessageContaining("(32, 32)");
            }
        }
    }

    private static double score(String named, RgbImage image) {
        try (Reward reward = create(named)) {
            return reward.score(List.of(image), List.of(Prompt.of("p", "")))
                    .get(0)
                    .value();
        }
    }

    @Test
    void refusesADivisorOfZero() {
        assertThatThrownBy(() -> create("{type: colourfulness, divisor: 0}"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("divisor: must be above 0");
    }
}
