package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.testkit.Golden;
import org.imagerl.tests.Close;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.Training;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Trainings of a checkpoint that paints into images: each prompt names its image and its mask. */
class InpaintingRunTest {
    private static final Path PAINTING = Paths.golden().resolve("calls/sd-inpaint-tiny");
    private static final String CAT = "{\"prompt\": \"the cat\", \"image\": \"one.png\", \"mask\": \"mask.png\"}\n";
    private static final String DOG = "{\"prompt\": \"the dog\", \"image\": \"two.png\", \"mask\": \"mask.png\"}\n";
    private static final double RELATIVE = 1e-3;

    @TempDir
    private Path scratch;

    private static TinyRun run(Path folder, Path checkpoint, String lines, String... more) throws IOException {
        String[] settings = {"checkpoint=" + checkpoint, "prompts=train.jsonl", "evaluation.prompts=train.jsonl"};
        TinyRun run = new TinyRun(
                folder, Stream.concat(Stream.of(settings), Arrays.stream(more)).toArray(String[]::new));
        Files.copy(Paths.golden().resolve("calls/sd-painting/image.png"), folder.resolve("one.png"));
        Files.copy(Paths.golden().resolve("calls/sd-karras/image.png"), folder.resolve("two.png"));
        Files.copy(Paths.golden().resolve("calls/sd-painting/mask.png"), folder.resolve("mask.png"));
        Files.writeString(folder.resolve("train.jsonl"), lines);
        return run;
    }

    @Test
    void aRunPaintsIntoImagesAndOneThatWasStoppedEndsAlike() throws IOException {
        String[] settings = {
            "optimiser.updates_per_epoch=2",
            "optimiser.micro_batch=1",
            "samples={prompts: 1, seeds: [0]}",
            "rollout.batch_size=3" // several batches, which are joined
        };
        TinyRun whole = run(scratch.resolve("whole"), PAINTING, CAT + DOG, settings);
        Training.Result result = whole.start();
        assertThat(result.finished()).isTrue();
        Map<String, Double> first = whole.rows().get(1L);
        assertThat(first.get("on_policy_deviation_max")).as("%s", first).isLessThan(1e-5);
        assertThat(first.get("grad_norm")).as("%s", first).isPositive();
        // All steps are made, and both are trained: 4 samples, 2 branches of guidance, twice.
        assertThat(first.get("denoiser_evaluations")).as("%s", first).isEqualTo(4 * 2 * 2 * 2);
        assertThat(Files.readString(whole.path().resolve("provenance.json"))).contains("mask.png", "one.png");

        TinyRun stopped = run(scratch.resolve("stopped"), PAINTING, CAT + DOG, settings);
        assertThat(stopped.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(stopped.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        assertThat(stopped.rows()).isEqualTo(whole.rows());
        stopped.requireSameFile(whole, "pytorch_lora_weights.safetensors");
    }

    /** Text encoders that are trained encode the prompts anew in every update; the masked image stays. */
    @Test
    void aTrainedTextEncoderKeepsTheMaskedImage() throws IOException {
        TinyRun run = run(
                scratch.resolve("text"),
                PAINTING,
                CAT + DOG,
                "epochs=1",
                "evaluation=null",
                "tuning={type: lora, components: [unet, text_encoder], rank: 2, alpha: 2.0, targets: [to_q, q_proj]}");
        assertThat(run.start().finished()).isTrue();
        assertThat(run.rows().get(1L).get("ratio")).isCloseTo(1, within(1e-3));
    }

    @Test
    void whatIsMissingIsSaidWithItsLine() throws IOException {
        TinyRun run = run(
                scratch.resolve("missing"),
                PAINTING,
                CAT + "{\"prompt\": \"the dog\", \"image\": \"none.png\"}\n",
                "rollout.shared_noise=true");
        assertThatThrownBy(run::start)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("rollout.shared_noise")
                .hasMessageContaining("train.jsonl:2: image: \"none.png\" is no file")
                .hasMessageContaining("train.jsonl:2: mask: is missing")
                .hasMessageNotContaining("train.jsonl:1");
        Said said = Said.by("config", "check", run.file().toString(), "--set", "checkpoint=" + PAINTING);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .contains("train.txt:1: image: is missing", "held-out.txt:2: mask: is missing", "paints into images");
    }

    @Test
    void otherCheckpointsRefuseMasks() throws IOException {
        TinyRun run = run(scratch.resolve("other"), Paths.tinyCheckpoint(), CAT + DOG, "rollout.strength=0.5");
        assertThatThrownBy(run::start)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train.jsonl:1: mask: is for checkpoints that paint into images")
                .hasMessageContaining("train.jsonl:2");
    }

    /** The first step of diffusers' inpainting pipeline, with eta 1. */
    @TestFactory
    List<DynamicTest> aStepOfARolloutIsThatOfDiffusers() throws IOException {
        return Golden.tests("calls", folder -> {
            try (Stream<Path> cases = Files.list(folder)) {
                List<DynamicTest> tests = cases.filter(one -> Files.exists(one.resolve("rollout.safetensors")))
                        .map(one -> dynamicTest(String.valueOf(one.getFileName()), () -> step(folder.getParent(), one)))
                        .toList();
                return tests.isEmpty() ? List.of(Golden.absent("there are no rollouts in " + folder)) : tests;
            }
        });
    }

    private void step(Path golden, Path folder) throws IOException {
        JsonNode call = JsonMapper.shared().readTree(Files.readString(folder.resolve("case.json")));
        String text = call.get("prompt").asString();
        Path at = scratch.resolve(folder.getFileName());
        TinyRun tiny = new TinyRun(
                at,
                "checkpoint=" + golden.resolve(call.get("checkpoint").asString()),
                "prompts=train.jsonl",
                "evaluation=null",
                "samples.prompts=1",
                "rollout.prompts_per_epoch=1",
                "rollout.dynamics={type: ddim, eta: 1.0}",
                "rollout.width=" + call.get("width").asInt(),
                "rollout.height=" + call.get("height").asInt(),
                "rollout.steps=" + call.get("num_inference_steps").asInt(),
                "rollout.guidance=" + call.get("guidance_scale").asDouble());
        Files.writeString(
                at.resolve("train.jsonl"),
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "prompt", text,
                                "image", folder.resolve("image.png").toString(),
                                "mask", folder.resolve("mask.png").toString())));
        try (SafetensorsFile expected = SafetensorsFile.open(folder.resolve("rollout.safetensors"));
                OpenRun run = OpenRun.open(
                        PreparedRun.of(tiny.config(), TinyRun.REGISTRY, tiny.notices::add),
                        TinyRun.REGISTRY,
                        tiny.notices::add)) {
            compare(
                    run,
                    call.get("seeds").valueStream().mapToLong(JsonNode::asLong).toArray(),
                    expected);
        }
    }

    private static void compare(OpenRun run, long[] seeds, SafetensorsFile expected) {
        Prompt prompt = run.prompts().train().get(0);
        List<Prompt> prompts = Arrays.stream(seeds).mapToObj(seed -> prompt).toList();
        try (NDManager manager = run.runtime().pipeline().manager().newSubManager()) {
            Trajectories made = run.runtime()
                    .sampling()
                    .sampler(run.runtime().sampling().rollouts(0))
                    .sample(manager, prompts, seeds, Sampler.Keep.PATH, step -> {});
            TransitionKernel kernel = made.kernel();
            NDArray state = made.state(0);
            double[] times = new double[seeds.length];
            Arrays.fill(times, kernel.timestep(0));
            Gradients.off(() -> {
                NDArray output = run.runtime().sampling().trainedPolicy().output(WeightSet.LIVE, state, times, made);
                Close.require("output", Close.floats(output), expected.floats("output"), RELATIVE);
                Close.require("mean", Close.floats(kernel.mean(0, state, output)), expected.floats("mean"), RELATIVE);
                return made;
            });
            Close.require("state", Close.floats(state), expected.floats("state"), RELATIVE);
            for (Map<String, NDArray> branch :
                    List.of(made.conditioning().positive(), made.conditioning().negative())) {
                Close.require(
                        "masked image",
                        Close.floats(Objects.requireNonNull(branch.get(Pipeline.MASKED_IMAGE))),
                        expected.floats("masked_image"),
                        RELATIVE);
            }
            assertThat(kernel.std(0)).isCloseTo(expected.floats("std")[0], within(1e-5));
        }
    }
}
