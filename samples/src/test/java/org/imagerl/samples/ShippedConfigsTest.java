package org.imagerl.samples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Context;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.testkit.TestImages;
import org.imagerl.toolkit.latent.DistillationSettings;
import org.imagerl.toolkit.latent.LatentModel;
import org.imagerl.toolkit.latent.LatentSample;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.Training;
import org.imagerl.training.study.Study;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is shipped runs: every training configuration for one small epoch, every study as far as its configurations. */
class ShippedConfigsTest {
    private static final Registry REGISTRY = Registry.load(List.of());

    @TempDir
    private Path scratch;

    @ParameterizedTest
    @MethodSource
    void trainings(Path file) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "device=cpu",
                "epochs=1",
                "evaluation=null",
                "run.best_by=null",
                "rollout.prompts_per_epoch=1",
                "rollout.samples_per_prompt=2",
                "optimiser.updates_per_epoch=1",
                "optimiser.micro_batch=2",
                "samples={prompts: 1, seeds: [0]}",
                "run.folder='" + scratch + "'"));
        if (file.endsWith("dpo-offline.yaml")) {
            settings.add("data.file='" + pairs() + "'");
        }
        if (file.endsWith("latent.yaml")) {
            settings.add("rewards=[{type: latent, folder: '" + latentReward(Objects.requireNonNull(file.getParent()))
                    + "'}]");
        }
        EffectiveConfig config = new RunConfigLoader(REGISTRY).load(file, settings);
        Training.Result result =
                Training.start(config, REGISTRY, List.of(), (stage, done, total, detail) -> {}, line -> {});
        assertThat(result.finished()).isTrue();
        assertThat(result.export()).isRegularFile();
    }

    /** What a user makes by the commands at the top of the file. */
    private Path pairs() throws IOException {
        PngWriter.write(scratch.resolve("a.png"), TestImages.noise(64, 32, 1), Map.of());
        PngWriter.write(scratch.resolve("b.png"), TestImages.noise(64, 32, 2), Map.of());
        return Files.writeString(scratch.resolve("pairs.csv"), """
            prompt,chosen,rejected
            "a sign that says ""472""\",a.png,b.png
            """);
    }

    /** The same: a reward for latents of the checkpoint. */
    private Path latentReward(Path checkpoint) throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("latent-reward"));
        PipelineFactory.Options options =
                new PipelineFactory.Options("float32", false, new Context(scratch, "cpu", 1, line -> {}));
        try (Pipeline pipeline = REGISTRY.pipeline(checkpoint).open(checkpoint, options)) {
            LatentSpace space = pipeline.latentSpace(64, 32);
            int numbers = Math.toIntExact(space.shape().stream().reduce(1L, Math::multiplyExact));
            List<LatentSample> samples = List.of(
                    new LatentSample(new float[numbers], Prompt.of("a", "472"), 0),
                    new LatentSample(new float[numbers], Prompt.of("b", "473"), 1));
            DistillationSettings settings = new DistillationSettings(4, 1, 8, 1, 2, 1e-3, 0, 0);
            try (LatentModel model = LatentModel.train(
                    space.shape(), samples, settings, Device.cpu(), (stage, done, total, detail) -> {})) {
                model.write(folder, space, Map.of("teacher", "ocr"), Map.of());
            }
        }
        return folder;
    }

    static List<Path> trainings() throws IOException {
        return Stream.concat(yaml("samples/words").stream(), yaml("samples/words-flow").stream())
                .filter(file -> !file.endsWith("pretrain.yaml"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource
    void studies(Path file) {
        Study.check(file, REGISTRY);
    }

    static List<Path> studies() throws IOException {
        return yaml("samples/studies");
    }

    private static List<Path> yaml(String folder) throws IOException {
        try (Stream<Path> files = Files.list(Project.folder(folder))) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }
}
