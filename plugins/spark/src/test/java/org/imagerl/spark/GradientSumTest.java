package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LocalCluster.class)
class GradientSumTest {
    /** Two pieces, the second of which is not full. */
    private static final int NUMBERS = 300_000;

    private static ShardResult shard(int index) {
        byte[] gradient = new byte[NUMBERS * 4];
        Random random = new Random(index);
        ByteBuffer buffer = ByteBuffer.wrap(gradient).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, NUMBERS).forEach(i -> buffer.putFloat((float) random.nextGaussian()));
        return new ShardResult(
                index,
                new UpdateCosts.Busy("executor", index),
                List.of(new byte[] {(byte) index}),
                new ArrayList<>(List.of(gradient)));
    }

    private static List<ShardResult> shards() {
        return IntStream.range(0, 3).mapToObj(GradientSumTest::shard).toList();
    }

    @Test
    void executorsAddUpWhatThisProcessAddsUp() {
        GradientSum here = GradientSum.of(shards());
        GradientSum there = GradientSum.ofPieces(LocalCluster.context().parallelize(shards(), 3), 2);
        assertThat(there.gradient()).hasSize(2);
        ByteBuffer joined = ByteBuffer.allocate(NUMBERS * 4);
        there.gradient().forEach(joined::put);
        assertThat(joined.array()).isEqualTo(here.gradient().get(0));
        assertThat(there.heads()).usingRecursiveComparison().isEqualTo(here.heads());
        assertThat(there.busy()).isEqualTo(here.busy());
    }
}
