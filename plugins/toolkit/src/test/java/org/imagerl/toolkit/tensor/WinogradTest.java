package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.Test;

class WinogradTest {
    private static final double LARGEST_DIFFERENCE = 2e-6;

    private static NDArray direct(NDArray x, NDArray weight) {
        Shape one = new Shape(1, 1);
        return JniUtils.convolution((PtNDArray) x, (PtNDArray) weight, null, one, one, one, 1);
    }

    private static double difference(NDArray actual, NDArray expected) {
        float scale = expected.abs().max().getFloat();
        return actual.sub(expected).abs().max().getFloat() / scale;
    }

    @Test
    void ofABatchOfOddNumbersOfTilesIsTheDirectConvolution() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = Kernels.randn(manager, 1, new Shape(2, 3, 22, 10));
            NDArray weight = Kernels.randn(manager, 2, new Shape(5, 3, 3, 3));
            assertThat(difference(Winograd.convolve(x, weight), direct(x, weight)))
                    .isLessThan(LARGEST_DIFFERENCE);
        }
    }

    @Test
    void aLayerOfManyChannelsHasTheOutputAndTheGradientOfTheDirectConvolution() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore network = new ParameterStore("large");
            Conv2d conv = network.root().conv2d(256, 256, 3, 1, 1);
            NDArray weight = Kernels.randn(manager, 2, new Shape(256, 256, 3, 3));
            NDArray bias = Kernels.randn(manager, 3, new Shape(256));
            network.parameter("weight").set(weight);
            network.parameter("bias").set(bias);
            NDArray x = Kernels.randn(manager, 1, new Shape(1, 256, 32, 32));
            NDArray cotangent = Kernels.randn(manager, 4, new Shape(1, 256, 32, 32));
            assertThat(Winograd.suits(x, weight, 1, 1)).isTrue();
            NDArray[] outputs = new NDArray[2];
            NDArray[] gradients = new NDArray[2];
            for (int way = 0; way < 2; way++) {
                NDArray leaf = x.duplicate();
                leaf.setRequiresGradient(true);
                boolean fast = way == 0;
                NDArray out = Gradients.record(recording -> {
                    NDArray y = fast ? conv.apply(leaf) : direct(leaf, weight).add(bias.reshape(1, -1, 1, 1));
                    recording.backward(y, cotangent);
                    return y;
                });
                outputs[way] = out.toType(DataType.FLOAT32, false).stopGradient();
                gradients[way] = leaf.getGradient();
            }
            assertThat(difference(outputs[0], outputs[1])).isLessThan(LARGEST_DIFFERENCE);
            assertThat(difference(gradients[0], gradients[1])).isLessThan(LARGEST_DIFFERENCE);
        }
    }
}
