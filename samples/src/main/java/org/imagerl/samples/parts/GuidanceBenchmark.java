package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import org.imagerl.spi.Benchmark;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * How long it takes to combine two outputs of a denoiser, apart from the denoiser.
 *
 * @param side height and width of the latents, in elements
 * @param repeats of which the median counts
 */
record GuidanceBenchmark(int side, int repeats) implements Benchmark {
    GuidanceBenchmark {
        if (side < 1 || repeats < 1) {
            throw new IllegalArgumentException("side and repeats must be at least 1");
        }
    }

    @Override
    public void run(Consumer<String> lines) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray negative = Kernels.randn(manager, 1, new Shape(1, 4, side, side));
            NDArray positive = Kernels.randn(manager, 2, new Shape(1, 4, side, side));
            double[] micros = new double[repeats];
            for (int i = 0; i < repeats; i++) {
                long start = System.nanoTime();
                Scope.run(() -> Gradients.off(() -> Kernels.combine(positive, 7.5, negative, -6.5)));
                micros[i] = (System.nanoTime() - start) / 1e3;
            }
            Arrays.sort(micros);
            lines.accept(String.format(
                    Locale.ROOT,
                    "guidance of a latent of 4 x %d x %d: %.1f us (median of %d)",
                    side,
                    side,
                    micros[repeats / 2],
                    repeats));
        }
    }
}
