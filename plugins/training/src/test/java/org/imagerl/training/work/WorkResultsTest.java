package org.imagerl.training.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.junit.jupiter.api.Test;

class WorkResultsTest {
    private static final WorkCost COST = new WorkCost(7, Long.MAX_VALUE);

    private static SortedMap<String, float[]> arrays() {
        return new TreeMap<>(Map.of(
                "a",
                new float[] {1, -0f, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, 0.1f},
                "b",
                new float[0],
                "c",
                new float[] {Float.NaN, 3}));
    }

    @Test
    void arraysSurvivePartsOfEverySize() {
        for (int size = 4; size <= 32; size += 4) {
            SortedMap<String, float[]> arrays = arrays();
            List<byte[]> parts = FloatParts.write(arrays, size);
            int most = size;
            assertThat(parts).allMatch(part -> part.length <= most).hasSize((28 + size - 1) / size);
            SortedMap<String, float[]> read = FloatParts.read(FloatParts.lengths(arrays), parts);
            assertThat(read.keySet()).isEqualTo(arrays.keySet());
            arrays.forEach((name, values) -> assertThat(read.get(name)).containsExactly(values));
        }
    }

    @Test
    void partsOfOtherLengthsAreRefused() {
        SortedMap<String, float[]> arrays = arrays();
        List<byte[]> parts = FloatParts.write(arrays, 8);
        SortedMap<String, Integer> lengths = FloatParts.lengths(arrays);
        for (int wrong : new int[] {-1, 4, 6, Integer.MAX_VALUE}) {
            SortedMap<String, Integer> others = new TreeMap<>(lengths);
            others.put("a", wrong);
            assertThatThrownBy(() -> FloatParts.read(others, parts))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("28 bytes in 4 parts");
        }
        List<byte[]> ragged = List.of(new byte[27], new byte[1]);
        assertThatThrownBy(() -> FloatParts.read(lengths, ragged)).isInstanceOf(UserException.class);
    }

    @Test
    void outcomesGoOnAddingAsIfTheyHadNeverLeft() {
        Metrics here = new Metrics().max("m", 2).sum("s", 0.1).last("l", Double.NaN);
        here.add(new Metrics().mean("x", 1.0 / 3), 0.3);
        SortedMap<String, float[]> other = arrays();
        other.get("a")[0] = 5;
        List<SortedMap<String, float[]>> gradients = List.of(arrays(), other);
        List<byte[]> bytes = GradientResult.write(COST, List.of(new GradientExecutor.Outcome(here, true)), gradients);
        GradientResult read = GradientResult.of(bytes);

        assertThat(read.cost()).isEqualTo(COST);
        assertThat(read.toOutcomes().get(0).trained()).isTrue();
        Metrics more = new Metrics().mean("x", 2).max("m", 3).sum("s", 0.2).last("l", 1);
        assertThat(new Metrics()
                        .add(read.toOutcomes().get(0).metrics(), 1)
                        .add(more, 0.7)
                        .values())
                .isEqualTo(new Metrics().add(here, 1).add(more, 0.7).values());
        assertThat(read.gradients(bytes)).hasSize(2);
        assertThat(read.gradients(bytes).get(1).get("a")).containsExactly(other.get("a"));
        assertThatThrownBy(() -> read.gradients(bytes.subList(0, 2)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("gradients of 2 shards");
    }

    @Test
    void aSurveyAndItsMarksAreTheSameOnTheOtherSide() {
        SurveyResult survey = new SurveyResult(
                COST, List.of(new UpdateSurvey.Pair(3, 1, -0.1, Double.NaN, 1.0 / 3, Double.NEGATIVE_INFINITY, 0.25)));
        assertThat(WorkFormat.read(SurveyResult.class, WorkFormat.write(survey)))
                .isEqualTo(survey);
        GradientUnit unit = new GradientUnit(
                new PolicyVersion(4, WeightSet.LIVE, false),
                "epoch 1",
                new int[] {2},
                Advantages.ofSamples(new double[] {0.5}),
                new int[] {0, 1},
                0.25,
                65_536,
                false,
                Long.MIN_VALUE,
                0.5,
                new double[][] {{Double.NaN, 0.1}},
                LossTerms.PENALTY,
                false);
        GradientUnit read = WorkFormat.read(GradientUnit.class, WorkFormat.write(unit));
        assertThat(read.marks()[0]).containsExactly(Double.NaN, 0.1);
        assertThat(read.seed()).isEqualTo(Long.MIN_VALUE);
        assertThat(read.lossScale()).isEqualTo(65_536);
    }

    private record Scored(List<ImageOrReason> images, RewardTable rewards) implements Rollout {
        @Override
        public Trajectories trajectories() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private static Rollout rollout() {
        Reward.Spec spec = new Reward.Spec(Reward.Scope.POINTWISE, Double.NEGATIVE_INFINITY, 0.1, true, "kB");
        List<Score> scores = List.of(new Score(0.1, Map.of("read", "472"), null), Score.failed("no image"));
        return new Scored(
                List.of(
                        new ImageOrReason(new RgbImage(2, 1, new byte[] {1, 2, 3, -4, 5, 6}), ""),
                        new ImageOrReason(null, "values that are no numbers")),
                new RewardTable(List.of(new RewardTable.Column("size", 1.0 / 3, spec, scores, 1.5))));
    }

    @Test
    void imagesAndScoresAreTheSameOnTheOtherSide() {
        List<byte[]> bytes = RolloutResult.write(COST, rollout());
        RolloutResult read = RolloutResult.of(bytes);
        assertThat(read.rewards()).isEqualTo(rollout().rewards());
        assertThat(read.images(bytes).get(0).image().rgb()).containsExactly(1, 2, 3, -4, 5, 6);
        assertThat(read.images(bytes).get(1)).isEqualTo(rollout().images().get(1));
    }

    @Test
    void resultsThatDoNotFitTogetherAreRefused() {
        List<byte[]> bytes = new ArrayList<>(RolloutResult.write(COST, rollout()));
        assertThatThrownBy(() -> RolloutResult.of(bytes).images(bytes.subList(0, 2)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a rollout of 2 samples: has 1 images, and of scores for each reward [2]");
        bytes.set(1, new byte[5]);
        assertThatThrownBy(() -> RolloutResult.of(bytes).images(bytes))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("needs 6 bytes, not 5");
        String json = new String(bytes.get(0), StandardCharsets.UTF_8).replace("\"weight\"", "\"mass\"");
        assertThatThrownBy(() -> RolloutResult.of(List.of(json.getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is no RolloutResult of this version");
    }
}
