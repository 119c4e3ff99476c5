package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.function.Function;
import java.util.function.Supplier;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;

/** Runs a network with float32 weights and with the same weights rounded to float16. */
public final class HalfPrecisionCheck {
    private static final double LIMIT = 0.02;

    private HalfPrecisionCheck() {}

    /**
     * With float16 weights a network stays near its float32 self.
     *
     * @param model declares a network and gives a call of it
     * @param expected dtype of its output with float16 weights
     */
    public static void check(NDManager manager, Function<ParameterStore, Supplier<NDArray>> model, DataType expected) {
        NDArray full = output(manager, model, DataType.FLOAT32);
        NDArray half = output(manager, model, DataType.FLOAT16);
        assertThat(half.getDataType()).isEqualTo(expected);
        ModelCase.requireClose("float16", half, full, LIMIT);
    }

    private static NDArray output(NDManager manager, Function<ParameterStore, Supplier<NDArray>> model, DataType type) {
        ParameterStore network = new ParameterStore(type.toString());
        Supplier<NDArray> forward = model.apply(network);
        TinyModels.fill(network, manager, type);
        return Gradients.off(forward);
    }
}
