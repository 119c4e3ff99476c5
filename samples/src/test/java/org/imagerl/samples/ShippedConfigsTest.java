package org.imagerl.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.PngWriter;
import org.imagerl.testkit.TestImages;
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
                "rollout.prompts_per_epoch=1",
                "rollout.samples_per_prompt=2",
                "optimiser.updates_per_epoch=1",
                "optimiser.micro_batch=2",
                "samples={prompts: 1, seeds: [0]}",
                "run.folder='" + scratch + "'"));
        if (file.endsWith("dpo-offline.yaml")) {
            settings.add("data.file='" + pairs() + "'");
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
