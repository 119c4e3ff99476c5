package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardCliffTest {
    @TempDir
    private Path folder;

    private Path results(String rows) throws IOException {
        return Files.writeString(folder.resolve("scores.csv"), "file_name,prompt,read,small,error\n" + rows);
    }

    private static Map<String, Double> weights(double read, double small) {
        Map<String, Double> weights = new LinkedHashMap<>();
        weights.put("read", read);
        weights.put("small", small);
        return weights;
    }

    /** Totals 1 and 1.05: 5 % more of the first reward make both equal, 10 % another best image. The other prompt's best image leads in both. */
    @Test
    void theNearestJumpIsWhereAnotherImageIsAsGood() throws IOException {
        Path file = results("a,x,1,0,\nb,x,0,1.05,\nc,y,1,1,\nd,y,0,0,\n,y,,1,lost\n");
        RewardCliff cliff = RewardCliff.of(file, weights(1, 1), 0.1);
        assertThat(cliff.prompts()).isEqualTo(2);
        assertThat(cliff.without()).isEqualTo(1);
        RewardCliff.Line read = cliff.lines().get(0);
        assertThat(read.more().otherBest()).isEqualTo(0.5);
        assertThat(read.less().otherBest()).isZero();
        assertThat(read.more().tau()).as("one of two pairs turned").isZero();
        assertThat(read.less().tau()).isEqualTo(1);
        assertThat(read.nearest()).isCloseTo(0.05, within(1e-12));
        assertThat(cliff.lines().get(1).less().otherBest()).isEqualTo(0.5);
        assertThat(cliff.lines().get(1).nearest()).isCloseTo(0.05 / 1.05, within(1e-12));
        assertThat(cliff.table()).contains("read", "+10.0 %", "0.500", "5.00 %", "share of 2 prompts");
    }

    @Test
    void equalImagesAreOnTheCliffAndASingleRewardNeverJumps() throws IOException {
        Path file = results("a,x,1,0,\nb,x,0,1,\n");
        assertThat(RewardCliff.of(file, weights(1, 1), 0.1).lines().get(0).nearest())
                .isZero();
        RewardCliff single = RewardCliff.of(file, Map.of("read", 2.0), 0.5);
        assertThat(single.lines().get(0).more()).isEqualTo(new RewardCliff.Effect(0, 1));
        assertThat(single.lines().get(0).nearest()).as("at no weight at all").isEqualTo(1);
    }

    /** By trying: just before the nearest change the best image is the same, just after it is another, for one sign of the change. */
    @Test
    void theNearestJumpIsFoundByTryingToo() throws IOException {
        SplittableRandom random = new SplittableRandom(4);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 7; i++) {
            rows.append(i)
                    .append(",x,")
                    .append(random.nextDouble())
                    .append(',')
                    .append(random.nextDouble() - 0.5)
                    .append(",\n");
        }
        Path file = results(rows.toString());
        Map<String, Double> weights = weights(1, -0.7);
        double nearest = RewardCliff.of(file, weights, 0.1).lines().get(1).nearest();
        assertThat(jumps(file, weights, nearest * 0.999)).isZero();
        assertThat(jumps(file, weights, nearest * 1.001)).isEqualTo(1);
    }

    private static double jumps(Path file, Map<String, Double> weights, double change) {
        RewardCliff.Line line = RewardCliff.of(file, weights, change).lines().get(1);
        return Math.max(line.less().otherBest(), line.more().otherBest());
    }

    @Test
    void whatCannotBeRankedIsRefused() throws IOException {
        Path file = results("a,x,1,0,\nb,y,0,1,\n");
        assertThatThrownBy(() -> RewardCliff.of(file, weights(1, 1), 0.1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no prompt with two scored images");
        assertThatThrownBy(() -> RewardCliff.of(file, Map.of("large", 1.0), 0.1))
                .hasMessageContaining("has no reward named \"large\", but read, small");
    }
}
