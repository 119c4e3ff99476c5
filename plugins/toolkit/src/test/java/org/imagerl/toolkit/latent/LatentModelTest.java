package org.imagerl.toolkit.latent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleBiFunction;
import org.imagerl.spi.Context;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatentModelTest {
    private static final List<Long> SHAPE = List.of(2L, 3L, 4L);
    private static final LatentSpace SPACE = new LatentSpace("a1b2 x 1.0 + 0.0", SHAPE);
    private static final List<String> WORDS = List.of("up", "down");

    @TempDir
    Path folder;

    private static List<LatentSample> samples(int count, long seed, ToDoubleBiFunction<float[], String> teacher) {
        Random random = new Random(seed);
        List<LatentSample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] latents = new float[24];
            for (int j = 0; j < latents.length; j++) {
                latents[j] = (float) (3 + 2 * random.nextGaussian());
            }
            String word = WORDS.get(i % 2);
            samples.add(new LatentSample(latents, Prompt.of("p", word), teacher.applyAsDouble(latents, word)));
        }
        return samples;
    }

    private static double linear(float[] latents, String prompt) {
        double sum = 10;
        for (int j = 0; j < latents.length; j++) {
            sum += Math.sin(j) * latents[j];
        }
        return sum;
    }

    /** The direction in which the first channel is good hangs on the prompt. */
    private static double turned(float[] latents, String prompt) {
        double sum = 0;
        for (int j = 0; j < 12; j++) {
            sum += latents[j] - 3;
        }
        return prompt.equals("up") ? sum : -sum;
    }

    private static DistillationSettings settings(int epochs, int textBytes) {
        return new DistillationSettings(16, 1, textBytes, epochs, 32, 1e-2, 0, 7);
    }

    private static LatentModel trained(List<LatentSample> samples, DistillationSettings settings) {
        return LatentModel.train(SHAPE, samples, settings, Device.cpu(), (stage, done, total, detail) -> {});
    }

    private static double pearson(List<LatentSample> samples, double... estimates) {
        double[] teacher = samples.stream().mapToDouble(LatentSample::score).toArray();
        double meanA = java.util.Arrays.stream(teacher).average().orElseThrow();
        double meanB = java.util.Arrays.stream(estimates).average().orElseThrow();
        double product = 0;
        double a = 0;
        double b = 0;
        for (int i = 0; i < teacher.length; i++) {
            product += (teacher[i] - meanA) * (estimates[i] - meanB);
            a += Math.pow(teacher[i] - meanA, 2);
            b += Math.pow(estimates[i] - meanB, 2);
        }
        return product / Math.sqrt(a * b);
    }

    @Test
    void learnsALinearTeacher() {
        try (LatentModel model = trained(samples(512, 1, LatentModelTest::linear), settings(40, 0))) {
            List<LatentSample> others = samples(100, 2, LatentModelTest::linear);
            assertThat(pearson(others, model.scores(others))).isGreaterThan(0.99);
        }
    }

    @Test
    void learnsWhatThePromptAsksFor() {
        try (LatentModel model = trained(samples(512, 1, LatentModelTest::turned), settings(40, 4))) {
            List<LatentSample> others = samples(100, 2, LatentModelTest::turned);
            assertThat(pearson(others, model.scores(others))).isGreaterThan(0.95);
        }
    }

    @Test
    void theSameSeedGivesTheSameWeightsAndTheFolderTheSameScores() {
        List<LatentSample> samples = samples(64, 1, LatentModelTest::turned);
        try (LatentModel one = trained(samples, settings(2, 4));
                LatentModel two = trained(samples, settings(2, 4))) {
            double[] scores = one.scores(samples);
            assertThat(two.scores(samples)).isEqualTo(scores);
            one.write(folder, SPACE, Map.of("teacher", "ocr"), Map.of("pearson", 0.5));
            LatentRewardFolder read = LatentRewardFolder.read(folder);
            try (LatentModel loaded = LatentModel.load(read, Device.cpu())) {
                assertThat(loaded.scores(samples)).isEqualTo(scores);
            }
            assertThat(read.space()).isEqualTo(SPACE);
            assertThat(read.agreement()).isEqualTo(Map.of("pearson", 0.5));
        }
    }

    @Test
    void theGradientIsThatOfFiniteDifferences() {
        List<LatentSample> samples = samples(64, 1, LatentModelTest::turned);
        try (LatentModel model = trained(samples, settings(4, 4));
                NDManager manager = NDManager.newBaseManager()) {
            LatentSample sample = samples.get(0);
            NDArray latents =
                    LatentSample.tensor(manager, List.of(sample), settings(1, 4).size(List.of(2, 3, 4)));
            latents.setRequiresGradient(true);
            Scope.run(() -> Gradients.record(recording -> {
                NDArray score = model.scores(latents, List.of(sample.prompt()));
                recording.backward(score.sum());
                return score;
            }));
            float[] gradient = latents.getGradient().toFloatArray();
            for (int j : new int[] {0, 7, 23}) {
                assertThat(moved(model, sample, j, 1e-2) - moved(model, sample, j, -1e-2))
                        .isCloseTo(2e-2 * gradient[j], within(2e-4 + 0.02 * Math.abs(2e-2 * gradient[j])));
            }
        }
    }

    private static double moved(LatentModel model, LatentSample sample, int element, double by) {
        float[] latents = sample.latents().clone();
        latents[element] += (float) by;
        return model.scores(List.of(new LatentSample(latents, sample.prompt(), 0)))[0];
    }

    @Test
    void refusesLatentsOfAnotherAutoencoderOrSize() {
        try (LatentModel model = trained(samples(64, 1, LatentModelTest::linear), settings(1, 0))) {
            model.write(folder, SPACE, Map.of("teacher", "ocr"), Map.of());
        }
        Context context = new Context(folder.getParent(), "cpu", 1, line -> {});
        String name = folder.getFileName().toString();
        try (DistilledReward reward = new DistilledReward(new DistilledReward.Config(name, null), context)) {
            reward.checkLatents(SPACE);
            assertThatThrownBy(() -> reward.checkLatents(new LatentSpace("other", SHAPE)))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("a1b2 x 1.0 + 0.0")
                    .hasMessageContaining("other");
            assertThatThrownBy(() -> reward.checkLatents(new LatentSpace(SPACE.autoencoder(), List.of(2L, 4L, 4L))))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("[2, 3, 4]")
                    .hasMessageContaining("[2, 4, 4]");
            assertThat(reward.score(
                                    List.of(new org.imagerl.spi.RgbImage(1, 1, new byte[3])),
                                    List.of(Prompt.of("p", "")))
                            .get(0)
                            .ok())
                    .isFalse();
        }
    }

    @Test
    void refusesAFolderThatIsNone() throws Exception {
        assertThatThrownBy(() -> LatentRewardFolder.read(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("imagerl reward distil");
        Files.writeString(folder.resolve(LatentRewardFolder.MANIFEST), """
            {"format": "imagerl-latent-reward-1", "latents": {"shape": [4, 0, 2], "autoencoder": "a"},
             "network": {"features": 16, "layers": 1, "text_bytes": 0}, "scores": {"mean": 0, "std": 1}}\
            """);
        assertThatThrownBy(() -> LatentRewardFolder.read(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("latents.shape");
    }
}
