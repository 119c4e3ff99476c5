package org.imagerl.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.imagerl.config.Overrides;
import org.imagerl.spi.Progress;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.loop.Training;

/** One run in a folder of its own: two epochs of two updates of DDPO on a checkpoint of few layers, in four shards. */
final class SmallRun {
    private static final String CONFIG = """
        checkpoint: %s
        seed: 3
        device: cpu
        epochs: 2
        shards: 4
        run: {folder: %s, save_every: 1, sample_every: 2, evaluate_every: 2}
        tuning: {type: lora, rank: 2, alpha: 4.0, targets: [to_q, to_k, to_v, to_out.0, conv1]}
        prompts: train.txt
        evaluation: {prompts: held-out.txt, samples_per_prompt: 1}
        rollout: {steps: 2, guidance: 2.0, prompts_per_epoch: 3, samples_per_prompt: 4, batch_size: 5, width: 16, height: 16}
        algorithm: ddpo
        optimiser: {learning_rate: 2.0e-3, micro_batch: 1, updates_per_epoch: 2}
        rewards: [jpeg-compressibility]
        samples: {prompts: 1, seeds: [0, 1]}
        """;

    private final Path folder;
    private final Overrides overrides;
    final List<String> notices = Collections.synchronizedList(new ArrayList<>());

    SmallRun(Path folder, String... overrides) {
        this.folder = folder;
        this.overrides = Overrides.parse(List.of(overrides));
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("train.txt"), "a photo of the cat\nthe dog\nthe cat in a photo\n");
            Files.writeString(folder.resolve("held-out.txt"), "a photo of the dog\n");
            Files.writeString(folder.resolve("small.yaml"), CONFIG.formatted(checkpoint(), folder.resolve("runs")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path checkpoint() {
        return Path.of(System.getProperty("project.root"), "src/test/resources/golden/pipelines/sd-small");
    }

    Training.Result start(RunExecutors.Factory computing) {
        return start(computing, (stage, done, total, detail) -> {});
    }

    Training.Result start(RunExecutors.Factory computing, Progress progress) {
        return Training.start(
                new RunConfigLoader(LocalCluster.REGISTRY)
                        .prepare(folder.resolve("small.yaml"), overrides, notices::add),
                LocalCluster.REGISTRY,
                List.of("train", "small.yaml"),
                progress,
                notices::add,
                computing);
    }

    Training.Result resume(RunExecutors.Factory computing) {
        return Training.resume(
                path(), LocalCluster.REGISTRY, (stage, done, total, detail) -> {}, notices::add, computing);
    }

    Path path() {
        return folder.resolve("runs/small");
    }
}
