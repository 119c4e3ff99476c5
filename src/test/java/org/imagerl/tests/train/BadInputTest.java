package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.ImageFinder;
import org.imagerl.scoring.ScoreSummary;
import org.imagerl.scoring.ScoringRun;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Context;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Claim;
import org.imagerl.tests.Paths;
import org.imagerl.training.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people get wrong ends in one clear message, before anything is written. */
class BadInputTest {
    @TempDir
    Path scratch;

    /** Starts a run that must be refused; returns the message. */
    private String refusal(String... overrides) {
        TinyRun run = new TinyRun(scratch, overrides);
        Throwable thrown = catchThrowable(run::start);
        assertThat(thrown).isInstanceOf(UserException.class);
        assertThat(((UserException) thrown).kind().exitCode()).isEqualTo(2);
        assertThat(run.path().getParent()).as("the folder of runs").doesNotExist();
        return thrown.getMessage();
    }

    /** The same with a copy of the checkpoint in which something was changed. */
    private String checkpointRefusal(Change change, String... overrides) throws IOException {
        Path copy = scratch.resolve("checkpoint");
        try (Stream<Path> files = Files.walk(Paths.tinyCheckpoint())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target =
                        copy.resolve(Paths.tinyCheckpoint().relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        change.in(copy);
        return refusal(Stream.concat(Stream.of("checkpoint=" + copy), Arrays.stream(overrides))
                .toArray(String[]::new));
    }

    private interface Change {
        void in(Path checkpoint) throws IOException;
    }

    private static Change text(String file, String from, String to) {
        return checkpoint -> {
            String text = Files.readString(checkpoint.resolve(file));
            assertThat(text).contains(from);
            Files.writeString(checkpoint.resolve(file), text.replace(from, to));
        };
    }

    /** Rewrites the header of the UNet's weights; the data stay as they are. */
    private static Change header(UnaryOperator<String> rewrite) {
        return checkpoint -> {
            Path file = checkpoint.resolve("unet/diffusion_pytorch_model.safetensors");
            byte[] bytes = Files.readAllBytes(file);
            int length =
                    (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
            String old = new String(bytes, 8, length, StandardCharsets.UTF_8);
            byte[] header = rewrite.apply(old).getBytes(StandardCharsets.UTF_8);
            assertThat(header).isNotEqualTo(old.getBytes(StandardCharsets.UTF_8));
            ByteBuffer changed = ByteBuffer.allocate(bytes.length - length + header.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .put(header)
                    .put(bytes, 8 + length, bytes.length - 8 - length);
            Files.write(file, changed.array());
        };
    }

    @Test
    void aFolderThatIsNoCheckpoint() throws IOException {
        assertThat(refusal("checkpoint=" + scratch))
                .contains(scratch.toString(), "is no checkpoint folder", "stable-diffusion");
        assertThat(refusal("checkpoint=nowhere")).contains("nowhere");
        assertThat(checkpointRefusal(text("model_index.json", "{", "{{"))).contains("model_index.json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unet/diffusion_pytorch_model.safetensors",
                "vae/diffusion_pytorch_model.safetensors",
                "text_encoder/model.safetensors"
            })
    void aTruncatedWeightFile(String name) throws IOException {
        String message = checkpointRefusal(checkpoint -> {
            Path file = checkpoint.resolve(name);
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 1000));
        });
        assertThat(message).contains(name);
    }

    @Test
    void aHeaderLongerThanTheFile() throws IOException {
        String message = checkpointRefusal(checkpoint -> {
            Path file = checkpoint.resolve("unet/diffusion_pytorch_model.safetensors");
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(0, 1L << 40);
            Files.write(file, bytes.array());
        });
        assertThat(message).contains("unet/diffusion_pytorch_model.safetensors", "header", "1099511627776");
    }

    @Test
    void overlappingTensors() throws IOException {
        assertThat(checkpointRefusal(header(old ->
                        old.replaceFirst("(\"conv_in.bias\":\\{[^}]*\"data_offsets\":\\[)\\d+,\\d+", "$132,96"))))
                .contains("unet/diffusion_pytorch_model.safetensors", "conv_in.bias");
    }

    @Test
    void aWeightOfAnotherType() throws IOException {
        assertThat(checkpointRefusal(
                        header(old -> old.replaceFirst("(\"conv_in.bias\":\\{[^}]*)\"F32\"", "$1\"I32\""))))
                .contains("unet/diffusion_pytorch_model.safetensors", "conv_in.bias", "I32", "F16");
    }

    @Test
    void aWeightOfAnUnknownType() throws IOException {
        assertThat(checkpointRefusal(
                        header(old -> old.replaceFirst("(\"conv_in.bias\":\\{[^}]*)\"F32\"", "$1\"Q4_0\""))))
                .contains("conv_in.bias", "Q4_0", "expected one of");
    }

    @Test
    void aShapeThatDisagreesWithTheDescription() throws IOException {
        Matcher size = Pattern.compile("\"vocab_size\": (\\d+)")
                .matcher(Files.readString(Paths.tinyCheckpoint().resolve("text_encoder/config.json")));
        assertThat(size.find()).isTrue();
        assertThat(checkpointRefusal(text("text_encoder/config.json", size.group(), "\"vocab_size\": 2000")))
                .contains("text_encoder", "text_model.embeddings.token_embedding.weight")
                .contains("(" + size.group(1) + ", 32)", "(2000, 32)");
    }

    @Test
    void componentsThatDoNotFitEachOther() throws IOException {
        assertThat(checkpointRefusal(text("unet/config.json", "\"in_channels\": 4", "\"in_channels\": 8")))
                .contains("unet/config.json: in_channels is 8", "latent_channels is 4", "InstructPix2PixPipeline");
        assertThat(checkpointRefusal(
                        text("unet/config.json", "\"cross_attention_dim\": 32", "\"cross_attention_dim\": 768")))
                .contains("unet/config.json: cross_attention_dim is 768", "hidden_size is 32");
    }

    @ParameterizedTest
    @CsvSource({
        "scheduler/scheduler_config.json, DDIMScheduler, FlowMatchEulerDiscreteScheduler",
        "scheduler/scheduler_config.json, scaled_linear, wiggly",
        "unet/config.json, UNet2DConditionModel, UNetFlatModel",
        "unet/config.json, UpBlock2D, ResnetUpsampleBlock2D",
        "vae/config.json, AutoencoderKL, AutoencoderTiny",
        "text_encoder/config.json, clip_text_model, t5",
        "model_index.json, UNet2DConditionModel, FluxTransformer2DModel",
        "model_index.json, CLIPTextModel, T5EncoderModel"
    })
    void anUnknownSchedulerOrArchitecture(String file, String known, String unknown) throws IOException {
        assertThat(checkpointRefusal(text(file, "\"" + known + "\"", "\"" + unknown + "\"")))
                .contains(file, unknown);
    }

    @Test
    void anUnknownPipeline() throws IOException {
        assertThat(checkpointRefusal(text("model_index.json", "StableDiffusionPipeline", "PixArtAlphaPipeline")))
                .contains("is no checkpoint folder of a known family");
    }

    @Test
    void pickledWeights() throws IOException {
        String message = checkpointRefusal(checkpoint -> Files.move(
                checkpoint.resolve("unet/diffusion_pytorch_model.safetensors"),
                checkpoint.resolve("unet/diffusion_pytorch_model.bin")));
        assertThat(message).contains("diffusion_pytorch_model.bin", "safetensors");
    }

    @ParameterizedTest
    @CsvSource({
        "ephocs=3, ephocs, epochs",
        "rollout.step=3, rollout.step, steps",
        "rollout.dynamics={type: ddim; etta: 1}, rollout.dynamics.etta, eta",
        "algorithm.trust_region={type: clip; rnge: 1}, algorithm.trust_region.rnge, range",
        "algorithm.trained_steps={type: random; fractoin: 0.5}, algorithm.trained_steps.fractoin, fraction",
        "tuning.rnak=3, tuning.rnak, rank",
        "rewards=[{type: jpeg-compressibility; divsor: 2}], rewards[0].divsor, divisor",
        "optimiser.learning_rte=3, optimiser.learning_rte, learning_rate"
    })
    void aMisspeltKeyAtAnyDepth(String override, String path, String meant) {
        assertThat(refusal(override.replace(';', ','))).contains(path + ": is not a key", "did you mean " + meant);
    }

    @Test
    void everyMistakeIsSaidAtOnceWithItsLine() throws IOException {
        TinyRun run = new TinyRun(scratch);
        Files.writeString(
                run.file(),
                Files.readString(run.file())
                        .replace("epochs: 2", "epochs: 0")
                        .replace("rollout: {steps: 2", "rollout: {steps: many")
                        .replace("rewards: [jpeg", "rewards: [jpg"));
        assertThat(catchThrowable(run::start).getMessage().lines())
                .hasSize(3)
                .anyMatch(line -> line.startsWith(run.file() + ":4: epochs: "))
                .anyMatch(line -> line.startsWith(run.file() + ":9: rollout.steps: ") && line.contains("many"))
                .anyMatch(line ->
                        line.startsWith(run.file() + ":12: rewards[0]: ") && line.contains("jpeg-compressibility"));
    }

    @Test
    void settingsThatMeanNothingTogether() {
        assertThat(refusal("rollout.dynamics={type: ddim, eta: 0}"))
                .contains("rollout.dynamics", "no density", "eta above 0");
        assertThat(refusal("algorithm.advantage={type: group}", "rollout.samples_per_prompt=1"))
                .contains("rollout.samples_per_prompt", "a group of one", "at least 2");
        assertThat(refusal("optimiser.micro_batch=3")).contains("optimiser.micro_batch", "the nearest that does is 2");
        assertThat(refusal("optimiser.micro_batch=autp")).contains("must be a whole number", "or auto");
        assertThat(refusal("workers=3"))
                .contains(
                        "workers",
                        "more than the batches can keep busy",
                        "micro-batches in an update: 2",
                        "lower rollout.batch_size");
        assertThat(refusal("workers=2", "shards=1")).contains("shards", "at least as many as workers");
        assertThat(refusal("shards=3"))
                .contains("shards", "more than an update has micro-batches", "lower optimiser.micro_batch");
        assertThat(refusal("algorithm.trained_steps={type: fixed, steps: [3]}"))
                .contains("algorithm.trained_steps.steps", "below rollout.steps");
        assertThat(refusal("tuning.targets=[to_qq]")).contains("no layer matches the LoRA target 'to_qq'");
        assertThat(refusal("tuning.components=[transformer]")).contains("no component 'transformer'", "unet");
        assertThat(refusal("rollout.width=33")).contains("multiples of 2", "33");
        assertThat(refusal("evaluation.steps=1000")).contains("steps", "1000");
    }

    @Test
    void partsThatNeedTransitionsBesideALikelihoodThatHasNone() {
        assertThat(refusal("algorithm=awm", "rollout.steps=4", "algorithm.ratio=normalised"))
                .contains("algorithm.ratio", "normalised looks at the transitions", "matching has none");
        assertThat(refusal("algorithm=awm", "rollout.steps=4", "algorithm.step_weight=inverse-step"))
                .contains("algorithm.step_weight", "inverse-step", "another step weight");
        assertThat(refusal("algorithm=awm", "rollout.steps=4", "algorithm.penalty=kl-mean"))
                .contains("algorithm.penalty", "kl-mean looks at");
        assertThat(refusal("algorithm=awm", "rollout.steps=4", "algorithm.proximal=kl-mean"))
                .contains("algorithm.proximal", "kl-mean looks at");
        assertThat(refusal("algorithm=awm", "rollout.steps=4", "run.diagnose_every=1"))
                .contains("run.diagnose_every", "finished images");
        assertThat(refusal("algorithm=awm", "rollout.steps=4", "algorithm.trained_steps={type: fixed, steps: [1]}"))
                .contains("algorithm.trained_steps", "finished images");
    }

    @Test
    void dynamicsThatDoNotFitTheAlgorithmTheGridOrTheCheckpoint() {
        assertThat(refusal("rollout.dynamics=ode")).contains("rollout.dynamics", "no density", "noise_level above 0");
        assertThat(refusal("rollout.dynamics={type: flow-sde, noise_level: 0}")).contains("no density");
        assertThat(refusal("rollout.dynamics={type: cps, window: {type: fixed, from: 0, size: 2}}"))
                .contains("rollout.dynamics", "steps 0 to 1 lie outside the grid", "0 to 0");
        assertThat(refusal("rollout.dynamics={type: flow-sde, window: {type: sliding, size: 0, stride: 1, every: 1}}"))
                .contains("rollout.dynamics.window.size", "at least 1");
        assertThat(refusal("evaluation.dynamics={type: dance-sde, window: {type: fixed, from: 0, size: 9}}"))
                .contains("evaluation.dynamics", "outside the grid");
        assertThat(refusal("algorithm=flow-grpo"))
                .contains(
                        "flow-sde step through the schedule of a flow-matching checkpoint", "diffusion (", "use ddim");
        assertThat(refusal("algorithm=awm", "rollout.steps=2")).contains("algorithm.likelihood", "2 steps");
    }

    /** With linspace spacing the last step of DDIM goes nowhere and has no noise. */
    @Test
    void trainedStepsThatHaveNoNoise() throws IOException {
        Change linspace = text("scheduler/scheduler_config.json", "\"leading\"", "\"linspace\"");
        assertThat(checkpointRefusal(linspace, "algorithm.trained_steps={type: fixed, steps: [1]}"))
                .contains("algorithm.trained_steps", "[1]", "epoch 1", "[0]");
    }

    @Test
    void groupsThatMeanNothing() throws IOException {
        for (String algorithm : List.of("flow-grpo", "grpo-guard", "awm")) {
            assertThat(refusal("algorithm=" + algorithm, "rollout.samples_per_prompt=1"))
                    .contains("rollout.samples_per_prompt", "a group of one", "at least 2");
        }
        assertThat(refusal("algorithm.advantage=group", "rollout.prompts_per_epoch=4"))
                .contains("rollout.prompts_per_epoch", "only 3 prompts", "would mix");
        Files.writeString(
                scratch.resolve("twice.jsonl"),
                "{\"id\": \"a\", \"prompt\": \"the cat\"}\n{\"id\": \"a\", \"prompt\": \"the dog\"}\n");
        assertThat(refusal("algorithm=awm", "rollout.steps=4", "prompts=twice.jsonl"))
                .contains("twice.jsonl:2", "is used twice");
    }

    @Test
    void anUnknownName() {
        assertThat(refusal("rewards=[jpg-compressibility]"))
                .contains("rewards[0]", "no reward named jpg-compressibility", "did you mean jpeg-compressibility");
        assertThat(refusal("algorithm=dpo")).contains("no algorithm named dpo", "did you mean ddpo");
    }

    @Test
    void aPromptWithoutQuotesForOcr() {
        assertThat(refusal("rewards=[{type: ocr, mode: line}]"))
                .contains("a photo of the cat", "has no text between quotes", "a photo of the dog");
    }

    @Test
    void promptsThatAreNotThere() throws IOException {
        assertThat(refusal("prompts=nowhere.txt")).contains("nowhere.txt");
        Files.writeString(scratch.resolve("empty.txt"), "\n\n");
        assertThat(refusal("prompts=empty.txt")).contains("empty.txt", "no prompts");
    }

    @Test
    void aNameThatAnotherRunIsAboutToTake() throws IOException {
        TinyRun run = new TinyRun(scratch, "checkpoint=nowhere");
        try (Claim claim = RunFolder.claim(run.config().config().run())) {
            assertThat(catchThrowable(run::start))
                    .hasMessageContaining("another process is starting a run of this name");
            claim.release();
        }
        assertThat(catchThrowable(run::start)).hasMessageContaining("nowhere"); // looked at only with a name of its own
        assertThat(scratch.resolve("runs")).doesNotExist();
    }

    @Test
    void aFolderForRunsThatCannotBe() throws IOException {
        Path file = scratch.resolve("occupied");
        Files.writeString(file, "");
        TinyRun run = new TinyRun(scratch, "run.folder=" + file);
        Throwable thrown = catchThrowable(run::start);
        assertThat(thrown).isInstanceOf(UserException.class).hasMessageContaining(file.toString());
    }

    @Test
    void aRunThatCannotBeResumed() throws IOException {
        TinyRun run = new TinyRun(scratch, "epochs=1", "evaluation=", "samples.seeds=[0]");
        assertThat(catchThrowable(() -> run.resume(TinyRun.stopAfter(1))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("there is no such folder; give the folder that train made");
        run.start();
        Path state = run.step("checkpoints", 1).resolve("state.json");
        Files.writeString(state, "{}" + " ".repeat(Math.toIntExact(Files.size(state)) - 2));
        assertThat(catchThrowable(() -> run.resume(TinyRun.stopAfter(1))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("state.json")
                .hasMessageContaining("to take an older checkpoint, move this one's folder away");
        Files.writeString(state, "{}");
        assertThat(catchThrowable(() -> run.resume(TinyRun.stopAfter(1))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("none of the checkpoints [step-000000001] is whole")
                .hasMessageContaining("state.json");
    }

    /** One bad image does not cost the scores of the others, and is never a zero. */
    @Test
    void anUnreadableImageAmongOthers() throws IOException {
        Path good = scratch.resolve("a.png");
        PngWriter.write(good, new RgbImage(8, 8, new byte[8 * 8 * 3]), Map.of("prompt", "black"));
        Files.write(scratch.resolve("b.png"), Arrays.copyOf(Files.readAllBytes(good), 60));
        Files.writeString(scratch.resolve("c.jpg"), "no image at all");
        List<String> warnings = new ArrayList<>();
        Context context = new Context(scratch, "cpu", 1, warnings::add);
        RewardEntry reward = RewardArguments.read(TinyRun.REGISTRY, "jpeg-compressibility");
        Path target = scratch.resolve("scores.csv");
        try (WeightedRewards rewards = WeightedRewards.create(List.of(reward), context)) {
            ScoreSummary summary = ScoringRun.run(
                    ImageFinder.find(scratch, null, null), rewards, 2, target, (stage, done, total, detail) -> {});
            assertThat(summary.images()).isEqualTo(3);
            assertThat(summary.unreadable()).isEqualTo(2);
            assertThat(summary.rewards().get(0).statistics().n()).isEqualTo(1);
        }
        List<String> lines = Files.readAllLines(target);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(2))
                .startsWith("b.png")
                .contains(scratch.resolve("b.png").toString());
        assertThat(lines.get(3))
                .startsWith("c.jpg")
                .contains(scratch.resolve("c.jpg").toString());
    }
}
