package org.imagerl.flow.t5;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.Test;

class RelativePositionsTest {
    /** The published sizes of buckets: 32, up to a distance of 128. */
    private static final T5Config PUBLISHED = new T5Config(20, 8, 12, 1, 2, 4, 32, 128, true, 1e-6, List.of());

    private static RelativePositions declared(ParameterStore network) {
        return new RelativePositions(network.root(), PUBLISHED);
    }

    private static int[] buckets(int... distances) {
        RelativePositions positions = declared(new ParameterStore("t5"));
        return IntStream.of(distances).map(positions::bucket).toArray();
    }

    @Test
    void nearTokensHaveABucketForEachDistanceBeforeAndAfter() {
        assertThat(buckets(0, -1, -7, 1, 7)).containsExactly(0, 1, 7, 17, 23);
    }

    @Test
    void spansOfFarTokensGrowGeometrically() {
        // 8 to 128 in 8 spans: each begins at the root of 2 times the last, 8, 11.3, 16, 22.6, 32, 45.3, 64, 90.5.
        assertThat(buckets(-8, -11, -12, -15, -16, -22, -23, -31, -32)).containsExactly(8, 8, 9, 9, 10, 10, 11, 11, 12);
        assertThat(buckets(-63, -64, -90, -91, -127, -128, -1000)).containsExactly(13, 14, 14, 15, 15, 15, 15);
        assertThat(buckets(8, 64, 4096)).containsExactly(24, 30, 31);
    }

    @Test
    void theBiasIsByHeadQueryAndKey() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore network = new ParameterStore("t5");
            RelativePositions positions = declared(network);
            TinyModels.fill(network, manager, DataType.FLOAT32);
            NDArray bias = positions.bias(manager, 3);
            NDArray table = network.parameter("weight").value();
            assertThat(bias.getShape()).isEqualTo(new Shape(1, 2, 3, 3));
            assertThat(bias.getFloat(0, 1, 0, 2)).isEqualTo(table.getFloat(18, 1));
            assertThat(bias.getFloat(0, 0, 2, 1)).isEqualTo(table.getFloat(1, 0));
        }
    }
}
