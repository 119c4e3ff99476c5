package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/** One of the engine's heavy operations at one shape, batch 1, without bias. */
sealed interface BenchKernel {

    /** Floating-point operations, a multiplication and an addition being two. */
    double operations();

    /** A call of the engine with random operands {@code [1, ...]}, which belong to the manager. */
    Supplier<NDArray> call(NDManager manager);

    /**
     * A square convolution that keeps the size, or halves it at stride 2.
     *
     * @param kernel 1 or 3, padded by a half
     * @param size height and width of the input
     */
    record Convolution(int in, int out, int kernel, int stride, int size) implements BenchKernel {
        @Override
        public double operations() {
            int outputSize = (size - 1) / stride + 1;
            return 2.0 * outputSize * outputSize * in * out * kernel * kernel;
        }

        @Override
        public Supplier<NDArray> call(NDManager manager) {
            PtNDArray x = random(manager, 1, in, size, size);
            PtNDArray weight = random(manager, out, in, kernel, kernel);
            Shape stride = new Shape(stride(), stride());
            Shape padding = new Shape(kernel / 2, kernel / 2);
            return () -> JniUtils.convolution(x, weight, null, stride, padding, new Shape(1, 1), 1);
        }
    }

    /** A matrix product {@code [rows, in] [out, in]^T}. */
    record Product(int rows, int in, int out) implements BenchKernel {
        @Override
        public double operations() {
            return 2.0 * rows * in * out;
        }

        @Override
        public Supplier<NDArray> call(NDManager manager) {
            PtNDArray x = random(manager, 1, rows, in);
            PtNDArray weight = random(manager, out, in);
            return () -> JniUtils.linear(x, weight, null);
        }
    }

    /** Scaled dot-product attention of {@code rows} queries to {@code keys}, {@code width} over all heads. */
    record Attention(int rows, int keys, int width, int heads) implements BenchKernel {
        @Override
        public double operations() {
            return 4.0 * rows * keys * width;
        }

        @Override
        public Supplier<NDArray> call(NDManager manager) {
            PtNDArray q = random(manager, 1, rows, width);
            PtNDArray k = random(manager, 1, keys, width);
            PtNDArray v = random(manager, 1, keys, width);
            return () -> Kernels.attention(q, k, v, heads, false);
        }
    }

    /** How often each kernel runs: the layers of a network, each with what it runs. */
    static Map<BenchKernel, Integer> count(
            ParameterStore network, BiFunction<String, Shape, List<BenchKernel>> ofLayer) {
        Map<BenchKernel, Integer> counts = new LinkedHashMap<>();
        network.adaptables()
                .forEach((path, layer) -> ofLayer.apply(path, layer.weight().shape())
                        .forEach(kernel -> counts.merge(kernel, 1, Integer::sum)));
        return counts;
    }

    /** Operations of all. */
    static double operations(Map<BenchKernel, Integer> counts) {
        return counts.entrySet().stream()
                .mapToDouble(count -> count.getValue() * count.getKey().operations())
                .sum();
    }

    private static PtNDArray random(NDManager manager, long... shape) {
        return (PtNDArray) Kernels.randn(manager, 1, new Shape(shape));
    }
}
