package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.PairCandidates;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.latent.DistillationSettings;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.distil.Distillation;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.ThreadRollouts;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.Sampling;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reward of latents, from the scored images to the training with it. */
class LatentRewardRunTest {
    private static final int SIDE = 16;
    private static final String LATENT = "rewards=[{type: latent, folder: %s}]";
    private static final String MORE = "rollout.samples_per_prompt=4";
    private static final String WATCHED = "evaluation_rewards=[jpeg-compressibility]";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path reward;
    private static Distillation.Result result;

    /** Learns how bright images are. */
    @BeforeAll
    static void distil() {
        Path images = shared.resolve("images");
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            int ground = random.nextInt(200);
            byte[] rgb = new byte[SIDE * SIDE * 3];
            for (int j = 0; j < rgb.length; j++) {
                rgb[j] = (byte) (ground + random.nextInt(56));
            }
            Map<String, String> texts = Map.of("prompt", "cat " + i / 2, "reward", Double.toString(ground / 200.0));
            PngWriter.write(images.resolve("i" + i + ".png"), new RgbImage(SIDE, SIDE, rgb), texts);
        }
        reward = shared.resolve("reward");
        Path checkpoint = Paths.tinyCheckpoint();
        Context context = new Context(shared, "cpu", 1, line -> {});
        PipelineFactory family = TinyRun.REGISTRY.pipeline(checkpoint);
        PairCandidates found = PairCandidates.find(images, null, null);
        try (Pipeline pipeline = family.open(checkpoint, new PipelineFactory.Options("float32", false, context))) {
            Distillation.Request request = new Distillation.Request(images, found.reward(), found, checkpoint, 0.4);
            result = new Distillation(request, pipeline, (stage, done, total, detail) -> {})
                    .run(new DistillationSettings(8, 1, 8, 60, 8, 1e-2, 0, 1), reward);
        }
    }

    private TinyRun run(String name, String... more) {
        String[] all = new String[more.length + 2];
        all[0] = LATENT.formatted(reward);
        all[1] = WATCHED;
        System.arraycopy(more, 0, all, 2, more.length);
        return new TinyRun(folder.resolve(name), all);
    }

    @Test
    void agreesWithItsTeacherOnImagesThatItHasNotSeen() {
        assertThat(result.trained() + result.heldOut()).isEqualTo(60);
        assertThat(result.agreement().get("pearson")).isGreaterThan(0.9);
        assertThat(result.agreement())
                .containsKeys(
                        "spearman", "rmse", "equal_order", "pearson_within_prompts", "equal_order_within_prompts");
    }

    @Test
    void rolloutsAreScoredAndNotDecoded() {
        List<RolloutUnit> units;
        PreparedRun prepared = PreparedRun.of(run("one").config(), TinyRun.REGISTRY, line -> {});
        try (OpenRun open = OpenRun.open(prepared, TinyRun.REGISTRY, line -> {});
                ThreadRollouts rollouts = new ThreadRollouts(open)) {
            List<Prompt> prompts = List.of(Prompt.of("a", "cat 1"), Prompt.of("b", "cat 2"), Prompt.of("c", "cat 3"));
            Sampling sampling = open.runtime().sampling().rollouts(0);
            units = sampling.units(prompts, Seeds.own(new long[] {1, 2, 3}), 2);
            try (Rollout rollout = rollouts.run(units, watch())) {
                assertThat(rollout.images()).containsOnly(new ImageOrReason(null, ""));
                assertThat(rollout.isImage(2)).isTrue();
                assertThat(rollout.rewards().columns()).hasSize(1);
                assertThat(rollout.rewards().columns().get(0).scores())
                        .hasSize(3)
                        .allMatch(Score::ok);
            }
            Sampling seen = sampling.as("all", 0); // somebody else scores the images
            try (Rollout rollout = rollouts.run(seen.units(prompts, Seeds.own(new long[] {1, 2, 3}), 2), watch())) {
                assertThat(rollout.images()).noneMatch(made -> made.image() == null);
            }
        }
    }

    private static RolloutExecutor.Watch watch() {
        return new RolloutExecutor.Watch() {
            @Override
            public void begin() {}

            @Override
            public void done(RolloutUnit unit) {}
        };
    }

    @Test
    void aResumedRunIsTheRunToTheBitAndItsEvaluationSeesImages() {
        String refreshed = LATENT.formatted(
                reward + ", refresh: {teacher: jpeg-compressibility, every: 1, passes: 10, learning_rate: 1.0e-2}");

        TinyRun whole = run("whole", refreshed, MORE);
        whole.start();
        TinyRun stopped = run("stopped", refreshed, MORE);
        stopped.start(TinyRun.stopAfter(1));
        stopped.resume((stage, done, total, detail) -> {});
        stopped.requireSameFile(whole, "pytorch_lora_weights.safetensors");
        assertThat(stopped.rows()).isEqualTo(whole.rows());
        assertThat(whole.rows().get(2L)).containsKeys("evaluation_latent_mean", "evaluation_jpeg-compressibility_mean");
        // of two epochs, before each refresh: the second has learnt from the first
        assertThat(whole.rows().get(2L).get("latent_teacher_rmse"))
                .isLessThan(whole.rows().get(1L).get("latent_teacher_rmse"));
    }

    @Test
    void imagesOfAnotherSizeAndRanksAreRefused() {
        assertThatThrownBy(() -> run("size", "rollout.width=32").start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("this reward was made for latents");
        String refreshed = LATENT.formatted(reward + ", refresh: {teacher: %s, every: 1, passes: 1, learning_rate: 1}");
        assertThatThrownBy(() -> run("teacher", refreshed.formatted("ocr")).start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("refresh.teacher: is ocr");
        assertThatThrownBy(() ->
                        run("few", refreshed.formatted("jpeg-compressibility")).start())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("samples, which is 4 images here, expected at least 8");
        TinyRun ranked = new TinyRun(
                folder.resolve("rank"), "rewards=[{type: latent, rank: true, folder: %s}]".formatted(reward));
        assertThatThrownBy(ranked::start).isInstanceOf(UserException.class).hasMessageContaining("leave rank out");
    }
}
