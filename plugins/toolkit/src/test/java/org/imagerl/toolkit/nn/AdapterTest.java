package org.imagerl.toolkit.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An adapter computes the same whether it is added to the weight or has a path of its own. */
class AdapterTest {
    private final ParameterStore network = new ParameterStore("tiny");
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void aLinearLayerGivesTheSameBothWays() {
        Linear layer = network.root().linear(5, 4);
        NetworkWeights.initialise(network, manager, new RandomStreams(1));
        Adapter lora = new Adapter(leaf(2, new Shape(2, 5)), leaf(3, new Shape(4, 2)), 0.7);
        check(
                layer,
                layer::apply,
                lora,
                leaf(4, new Shape(3, 5)),
                x -> Kernels.loraLinear(layer.apply(x), x, lora.down(), lora.up(), lora.scale()));
    }

    @Test
    void aConvolutionGivesTheSameBothWays() {
        Conv2d layer = network.root().conv2d(2, 3, 3, 2, 1);
        NetworkWeights.initialise(network, manager, new RandomStreams(1));
        Adapter lora = new Adapter(leaf(2, new Shape(2, 2, 3, 3)), leaf(3, new Shape(3, 2, 1, 1)), 0.7);
        check(
                layer,
                layer::apply,
                lora,
                leaf(4, new Shape(1, 2, 6, 4)),
                x -> Kernels.loraConv2d(layer.apply(x), x, lora.down(), lora.up(), lora.scale(), 2, 1));
    }

    @Test
    void aConvolutionOfOnePixelIsALinearLayerOnSequences() {
        Conv2d layer = network.root().conv2d(5, 4, 1, 1, 0);
        NetworkWeights.initialise(network, manager, new RandomStreams(1));
        Adapter lora = new Adapter(leaf(2, new Shape(2, 5, 1, 1)), leaf(3, new Shape(4, 2, 1, 1)), 0.7);
        check(layer, layer::apply, lora, leaf(4, new Shape(2, 3, 5)), x -> {
            NDArray map = x.transpose(0, 2, 1).reshape(2, 5, 3, 1);
            NDArray y = Kernels.loraConv2d(layer.apply(map), map, lora.down(), lora.up(), lora.scale(), 1, 0);
            return y.reshape(2, 4, 3).transpose(0, 2, 1);
        });
    }

    @Test
    void onlyAnAdapterOfHighRankGoesIntoTheWeight() {
        NDArray weight = manager.zeros(new Shape(320, 320));
        assertThat(adapter(16, 320).cheaperInWeight(weight)).isFalse();
        assertThat(adapter(64, 320).cheaperInWeight(weight)).isTrue();
        assertThat(adapter(64, 320).cheaperInWeight(weight.toType(DataType.FLOAT16, true)))
                .isFalse();
    }

    private Adapter adapter(int rank, int width) {
        return new Adapter(manager.zeros(new Shape(rank, width)), manager.zeros(new Shape(width, rank)), 1);
    }

    private void check(
            Adaptable layer, UnaryOperator<NDArray> apply, Adapter lora, NDArray x, UnaryOperator<NDArray> separate) {
        float[][] expected = outputAndGradients(separate, x, lora);
        layer.adapt(() -> lora);
        assertThat(lora.cheaperInWeight(layer.weight().value())).isTrue();
        float[][] actual = outputAndGradients(apply, x, lora);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("array " + i).containsExactly(expected[i], within(rounding(expected[i])));
        }
    }

    /** Sums of float32 terms round in proportion to the largest of them, and not alike on every processor: 1e-6 of it, 1e-5 up to 10. */
    private static float rounding(float... values) {
        float largest = 10;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return 1e-6f * largest;
    }

    /** The output, then the gradients of the sum of its squares by input, down and up. */
    private static float[][] outputAndGradients(UnaryOperator<NDArray> body, NDArray x, Adapter lora) {
        NDArray[] leaves = {x, lora.down(), lora.up()};
        for (NDArray leaf : leaves) {
            leaf.setRequiresGradient(false);
            leaf.setRequiresGradient(true);
        }
        float[][] arrays = new float[4][];
        Gradients.record(recording -> {
            NDArray y = body.apply(x);
            recording.backward(y.mul(y).sum());
            arrays[0] = y.toFloatArray();
            return y;
        });
        for (int i = 0; i < leaves.length; i++) {
            try (NDArray gradient = leaves[i].getGradient()) {
                arrays[i + 1] = gradient.toFloatArray();
                gradient.subi(gradient.duplicate()); // the next backward pass adds to it
            }
        }
        return arrays;
    }

    private NDArray leaf(long seed, Shape shape) {
        NDArray array = Gradients.off(() -> Kernels.randn(manager, seed, shape));
        array.setRequiresGradient(true);
        return array;
    }
}
