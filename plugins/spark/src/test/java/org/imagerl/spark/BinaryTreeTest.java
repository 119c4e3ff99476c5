package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BinaryTreeTest {
    private static byte[] bytes(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    private static byte[] sum(List<byte[]> shards) {
        BinaryTree tree = new BinaryTree();
        shards.forEach(shard -> tree.add(List.of(shard)));
        return tree.sum().get(0);
    }

    /** 1e8 + 1 is 1e8 in float32, so that every other order of these gives another sum. */
    @Test
    void fiveShardsAreAddedAsAFixedTree() {
        float[] shards = {1e8f, 1f, -1e8f, 3f, 0.25f};
        List<byte[]> buffers =
                Stream.of(0, 1, 2, 3, 4).map(i -> bytes(shards[i], i)).toList();
        float expected = ((1e8f + 1f) + (-1e8f + 3f)) + 0.25f;
        assertThat(expected).isNotEqualTo((((1e8f + 1f) + -1e8f) + 3f) + 0.25f);
        assertThat(sum(buffers)).isEqualTo(bytes(expected, 10));
    }

    @Test
    void asManyShardsGoTogetherAsGiveEveryExecutorATask() {
        assertThat(SparkExecutors.together(4, 2)).isEqualTo(2);
        assertThat(SparkExecutors.together(6, 2)).isEqualTo(4);
        assertThat(SparkExecutors.together(4, 3)).isEqualTo(1);
        assertThat(SparkExecutors.together(5, 1)).isEqualTo(8);
        assertThat(SparkExecutors.together(1, 4)).isEqualTo(1);
    }

    @Test
    void shardsOfOtherLengthsAreNoShards() {
        List<byte[]> buffers = List.of(bytes(1), bytes(1, 2));
        assertThatThrownBy(() -> sum(buffers)).hasMessageContaining("4 and 8 bytes");
    }
}
