package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Close;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.training.loop.Training;
import org.imagerl.training.report.MetricsLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
    private static final String LORA = "pytorch_lora_weights.safetensors";

    @TempDir
    Path scratch;

    @Test
    void aRunLeavesACompleteFolder() throws IOException {
        TinyRun run = new TinyRun(scratch);
        Training.Result result = run.start();
        assertThat(result.finished()).isTrue();
        assertThat(result.export()).isEqualTo(run.path().resolve(LORA));
        assertThat(run.names())
                .containsExactlyInAnyOrder(
                        "config.yaml",
                        "provenance.json",
                        "metrics.jsonl",
                        "epochs.jsonl",
                        "log.txt",
                        "lock",
                        "latest",
                        "best",
                        "checkpoints",
                        "samples",
                        "curves.png",
                        "before-after.png",
                        LORA);
        assertThat(run.names("checkpoints")).containsExactly("step-000000001", "step-000000002");
        assertThat(run.names("checkpoints", "step-000000002"))
                .containsExactly("files", LORA, "score", "state.json", "trainer.safetensors");
        assertThat(run.names("samples")).containsExactly("step-000000000", "step-000000001", "step-000000002");
        for (String step : run.names("samples")) {
            assertThat(run.names("samples", step))
                    .containsExactly("grid.png", "p00-s0.png", "p00-s1.png", "p01-s0.png", "p01-s1.png");
        }
        assertThat(Files.readString(run.path().resolve("latest"))).isEqualTo("step-000000002\n");
        assertThat(Files.readString(run.path().resolve("provenance.json")))
                .contains("\"commandLine\" : [ \"train\", \"tiny.yaml\" ]", "unet/diffusion_pytorch_model.safetensors")
                .contains("train.txt", "held-out.txt", "PyTorch");
        List<MetricsLog.Row> rows = new MetricsLog(run.path().resolve("metrics.jsonl")).read();
        assertThat(rows).extracting(MetricsLog.Row::step).containsExactly(0L, 1L, 2L);
        assertThat(rows.get(0).values()).isEqualTo(result.before());
        assertThat(rows.get(2).values()).isEqualTo(result.after()).containsEntry("on_policy_deviation_max", 0.0);
        assertThat(run.notices)
                .containsOnlyOnce(
                        "clip: the ratio per element may move by 0.00010, so the log-density of a step by about"
                                + " 0.026 nats (256 elements)")
                .allMatch(line -> line.startsWith("clip: ") || line.contains(" epochs of 4 images will take about "));
    }

    /** What is exported, what is saved to go on, and what the last samples show are one and the same policy. */
    @Test
    void theExportedLoraGivesTheTunedPolicy() {
        TinyRun run = new TinyRun(scratch, "optimiser.learning_rate=0.01");
        Path export = run.start().export();
        float[] tuned;
        try (Pipeline pipeline = open(Paths.tinyCheckpoint());
                Tuning tuning = pipeline.tune(run.config().config().tuning(), 0)) {
            parameters(run.step("checkpoints", 2), "policy.weights.live.")
                    .forEach((name, values) -> set(tuning.parameters().get(name), values));
            tuned = output(pipeline);
        }
        try (Pipeline pipeline = open(Paths.tinyCheckpoint())) {
            float[] base = output(pipeline);
            pipeline.loadLora(export, 1);
            Close.require("merged", output(pipeline), tuned, 1e-5);
            assertThat(difference(base, tuned)).isGreaterThan(1e-3);
        }
        RgbImage before = ImageDecoder.decode(run.step("samples", 0).resolve("p00-s0.png"));
        RgbImage after = ImageDecoder.decode(run.step("samples", 2).resolve("p00-s0.png"));
        assertThat(after.rgb()).isNotEqualTo(before.rgb());
    }

    @Test
    void fullFineTuningExportsACheckpointThatOpens() {
        TinyRun run = new TinyRun(
                scratch, "tuning={type: full, components: [unet, text_encoder]}", "optimiser.learning_rate=1.0e-3");
        Path export = run.start().export();
        assertThat(export).isEqualTo(run.path().resolve("checkpoint"));
        Map<String, float[]> trained = parameters(run.step("checkpoints", 2), "policy.weights.live.");
        try (Pipeline pipeline = open(export);
                Tuning tuning = pipeline.tune(new TuningSpec.Full(List.of("unet", "text_encoder")), 0)) {
            assertThat(tuning.parameters().keySet()).isEqualTo(trained.keySet());
            tuning.parameters()
                    .forEach((name, parameter) ->
                            assertThat(Close.floats(parameter)).as(name).containsExactly(trained.get(name)));
            float[] exported = output(pipeline);
            try (Pipeline base = open(Paths.tinyCheckpoint())) {
                assertThat(difference(output(base), exported)).isGreaterThan(1e-3);
            }
        }
        // A finished run may be resumed: nothing is left to train, and the export is written anew.
        assertThat(run.resume(TinyRun.stopAfter(9)).export()).isEqualTo(export);
        assertThat(run.notices)
                .anyMatch(line -> line.endsWith(
                        "after epoch 2 of 2: nothing is left to train; what was trained is" + " exported again"));
    }

    @Test
    void anExistingRunIsLeftAlone() throws IOException {
        TinyRun run = new TinyRun(scratch, "epochs=1");
        run.start();
        byte[] metrics = Files.readAllBytes(run.path().resolve("metrics.jsonl"));
        assertThatThrownBy(run::start)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("there is a run of this name already")
                .hasMessageContaining("imagerl resume")
                .hasMessageContaining("--set run.name=");
        assertThat(metrics).isEqualTo(Files.readAllBytes(run.path().resolve("metrics.jsonl")));
    }

    @Test
    void averagedWeightsAreWhatIsExported() {
        TinyRun run = new TinyRun(
                scratch, "optimiser.ema_decay=0.9", "optimiser.updates_per_epoch=2", "tuning.targets=[to_q, to_v]");
        Path export = run.start().export();
        Map<String, float[]> averages = parameters(run.step("checkpoints", 2), "policy.average.");
        Map<String, float[]> last = parameters(run.step("checkpoints", 2), "policy.weights.live.");
        assertThat(averages.keySet()).isEqualTo(last.keySet());
        try (SafetensorsFile file = SafetensorsFile.open(export)) {
            averages.forEach((name, average) -> {
                String spelt = name.replace("lora_A", "lora.down").replace("lora_B", "lora.up");
                assertThat(file.floats(spelt)).as(name).containsExactly(average);
                assertThat(average).as(name).isNotEqualTo(last.get(name));
            });
        }
    }

    @Test
    void severalUpdatesPerRolloutMoveTheRatios() throws IOException {
        TinyRun run = new TinyRun(scratch, "optimiser.updates_per_epoch=2", "optimiser.inner_epochs=2");
        run.start();
        assertThat(Files.readString(run.step("checkpoints", 2).resolve("state.json")))
                .contains("\"steps\":[8.0]");
        for (MetricsLog.Row row : rows(run)) {
            if (row.step() > 0) {
                assertThat(row.values().get("on_policy_deviation_max")).isLessThan(1e-5);
                assertThat(row.values().get("ratio_deviation_max")).isGreaterThan(1e-4);
                assertThat(row.values().get("approx_kl")).isPositive();
                assertThat(row.values().get("clip_fraction")).isBetween(0.01, 1.0);
            }
        }
    }

    /**
     * After one update the first moment is a tenth of the gradient. Batches of another size take other float32 kernels and sum in another
     * order: up to 1.3e-5 of the largest gradient was seen.
     */
    @Test
    void microBatchesOfOneAddUpToOneOfEight() {
        Map<String, float[]> whole = gradients("whole", "optimiser.micro_batch=8");
        Close.require(gradients("single", "optimiser.micro_batch=1"), whole, 5e-5);
        Close.require(gradients("checkpointed", "optimiser.micro_batch=8", "memory.checkpointing=true"), whole, 1e-5);
    }

    @Test
    void trainingOnSomeStepsIsTheMeanOfTrainingOnEach() {
        String three = "rollout.steps=3";
        Map<String, float[]> first = gradients("first", fixed("[0]"), three);
        Map<String, float[]> last = gradients("last", fixed("[2]"), three);
        Map<String, float[]> mean = new HashMap<>();
        first.forEach((name, gradient) -> {
            float[] half = new float[gradient.length];
            for (int i = 0; i < half.length; i++) {
                half[i] = (gradient[i] + last.get(name)[i]) / 2;
            }
            mean.put(name, half);
        });
        Close.require(gradients("both", fixed("[2, 0]"), three), mean, 1e-5);
    }

    /** Every sample has its own, so that what is learned does not depend on how an update is cut, nor by how many workers. */
    @Test
    void theStepsThatAreDrawnDoNotDependOnTheMicroBatch() {
        String some = "algorithm.trained_steps={type: random, fraction: 0.5}";
        Map<String, float[]> whole = gradients("random", some, "optimiser.micro_batch=4");
        Close.require(gradients("random-1", some, "optimiser.micro_batch=1"), whole, 5e-5);
        Close.require(
                gradients("random-2", some, "optimiser.micro_batch=2", "rollout.batch_size=2", "workers=2"),
                whole,
                5e-5);
    }

    /** One update from zero: the average is 1 - d of the weights, with d = (1 + k) / (10 + k) after k = 1 update. */
    @Test
    void averagesCountOptimiserSteps() {
        requireAverage("policy.average.", 1 - 2.0 / 11, "optimiser.ema_decay=0.9");
        requireAverage("policy.average.", 1 - 1.0 / 10, "optimiser.ema_decay=0.9", "optimiser.ema_delay=1");
        String few = "algorithm.likelihood={type: matching, draws: 1}";
        String trailing = "algorithm.trailing={decay: 0.3, ramp: 0.1}";
        requireAverage("policy.weights.ema.", 1 - 0.1, "algorithm=awm", "rollout.steps=4", few, trailing);
        String delayed = "algorithm.trailing={decay: 0.3, ramp: 0.1, delay: 1}";
        requireAverage("policy.weights.ema.", 1, "algorithm=awm", "rollout.steps=4", few, delayed);
    }

    private void requireAverage(String kind, double share, String... overrides) {
        List<String> all = new ArrayList<>(List.of(overrides));
        all.addAll(List.of("epochs=1", "evaluation=", "samples={prompts: 1, seeds: [0]}", "tuning.targets=[to_q]"));
        TinyRun run = new TinyRun(scratch.resolve(kind + share), all.toArray(String[]::new));
        run.start();
        Path checkpoint = run.step("checkpoints", 1);
        Map<String, float[]> expected = parameters(checkpoint, "policy.weights.live.");
        Map<String, float[]> averages = parameters(checkpoint, kind);
        expected.keySet().removeIf(name -> !name.contains("lora_B")); // which begin at zero
        averages.keySet().retainAll(expected.keySet());
        expected.values().forEach(values -> {
            for (int i = 0; i < values.length; i++) {
                values[i] *= (float) share;
            }
        });
        Close.require(averages, expected, 1e-6);
    }

    /** A step by itself is what an update of that step alone is. */
    @Test
    void aDiagnosisTellsStepsApartAndChangesNothing() throws IOException {
        String[] settings = {"optimiser.updates_per_epoch=2", "algorithm.trained_steps={type: random, fraction: 0.7}"};
        TinyRun plain = new TinyRun(scratch.resolve("plain"), settings);
        plain.start();
        TinyRun diagnosed = new TinyRun(scratch.resolve("diagnosed"), settings[0], settings[1], "run.diagnose_every=2");
        diagnosed.start();
        diagnosed.requireSameFile(plain, LORA);
        assertThat(rows(diagnosed).get(1).values().keySet()).noneMatch(name -> name.startsWith("step_"));
        Map<String, Double> second = rows(diagnosed).get(2).values();
        assertThat(second.keySet()).anyMatch(name -> name.matches("step_[01]_log_ratio"));
        assertThat(second.entrySet().stream()
                        .filter(entry -> entry.getKey().endsWith("_log_ratio_squared"))
                        .mapToDouble(Map.Entry::getValue))
                .as("the first update has moved the weights")
                .allMatch(square -> square > 0);
        TinyRun alone = new TinyRun(scratch.resolve("alone"), "epochs=1", fixed("[1]"), "run.diagnose_every=1");
        alone.start();
        Map<String, Double> metrics = rows(alone).get(1).values();
        assertThat(metrics.get("step_1_grad_norm")).isPositive().isEqualTo(metrics.get("grad_norm"));
        assertThat(metrics).containsEntry("step_1_log_ratio", 0.0).containsEntry("step_1_samples", 4.0);
    }

    /** Four images of two steps, both branches of guidance, sampled once and trained once. */
    @Test
    void theCostOfAnEpochIsCounted() {
        TinyRun run = new TinyRun(scratch, "epochs=1");
        run.start();
        Map<String, Double> metrics = rows(run).get(1).values();
        assertThat(metrics).containsEntry("denoiser_evaluations", 4.0 * 2 * 2 * 2);
        // Four steps with guidance, two draws without, or the other way round.
        assertThat(evaluations("without", 2, 1)).isEqualTo(4.0 * (4 * 2 + 2));
        assertThat(evaluations("with", 1, 2)).isEqualTo(4.0 * (4 + 2 * 2));
        assertThat(metrics.get("seconds_processor")).isPositive();
        assertThat(rows(run).get(0).values()).doesNotContainKey("denoiser_evaluations");
    }

    private double evaluations(String name, double rollouts, double training) {
        TinyRun run = new TinyRun(
                scratch.resolve(name),
                "epochs=1",
                "evaluation=",
                "samples={prompts: 1, seeds: [0]}",
                "algorithm={preset: awm, likelihood: {draws: 2}, penalty: null, proximal: null, guidance: " + training
                        + "}",
                "rollout.steps=4",
                "rollout.guidance=" + rollouts);
        run.start();
        return rows(run).get(1).values().get("denoiser_evaluations");
    }

    @Test
    void aRunThatIsStoppedAtOnceSaysSo() {
        TinyRun run = new TinyRun(scratch, "evaluation=");
        Training.Result result = run.start(TinyRun.stopAfter(0));
        assertThat(result.finished()).isFalse();
        assertThat(result.export()).isNull();
        assertThat(result.before()).isEmpty();
        assertThat(run.resume(TinyRun.stopAfter(9)).finished()).isTrue();
    }

    private Map<String, float[]> gradients(String name, String... overrides) {
        List<String> all = new ArrayList<>(List.of(overrides));
        all.addAll(List.of("epochs=1", "rollout.samples_per_prompt=4", "optimiser.max_grad_norm=0"));
        all.addAll(List.of("evaluation=", "samples.prompts=1", "samples.seeds=[0]"));
        TinyRun run = new TinyRun(scratch.resolve(name), all.toArray(String[]::new));
        run.start();
        return parameters(run.step("checkpoints", 1), "policy.optimiser.first.");
    }

    private static String fixed(String steps) {
        return "algorithm.trained_steps={type: fixed, steps: " + steps + "}";
    }

    static List<MetricsLog.Row> rows(TinyRun run) {
        return new MetricsLog(run.path().resolve("metrics.jsonl")).read();
    }

    private static Pipeline open(Path folder) {
        Context context = new Context(Path.of("."), "cpu", 1, warning -> {});
        return StableDiffusion.FAMILY.open(folder, new PipelineFactory.Options("float32", false, context));
    }

    private static float[] output(Pipeline pipeline) {
        return Gradients.off(() -> {
            try (NDManager manager = pipeline.manager().newSubManager()) {
                ImageSize size = pipeline.defaultSize();
                Map<String, NDArray> prompt = pipeline.encode(manager, List.of("the cat"), List.of(), size)
                        .positive();
                NDArray noise = Kernels.randn(manager, 5, new Shape(1, 4, 16, 16));
                return Close.floats(pipeline.denoise(noise, new double[] {301}, prompt));
            }
        });
    }

    /** The saved tensors of one kind, by their name without the kind. */
    private static Map<String, float[]> parameters(Path checkpoint, String kind) {
        Map<String, float[]> tensors = new HashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint.resolve("trainer.safetensors"))) {
            file.entries().stream()
                    .filter(entry -> entry.name().startsWith(kind))
                    .forEach(entry -> tensors.put(entry.name().substring(kind.length()), file.floats(entry.name())));
        }
        assertThat(tensors).isNotEmpty();
        return tensors;
    }

    private static void set(NDArray parameter, float[] values) {
        Gradients.off(() -> {
            try (NDManager manager = parameter.getManager().newSubManager()) {
                manager.create(values, parameter.getShape()).copyTo(parameter);
                return parameter;
            }
        });
    }

    private static double difference(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }
}
