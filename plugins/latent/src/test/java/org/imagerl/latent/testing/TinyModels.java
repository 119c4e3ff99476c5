package org.imagerl.latent.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/** Real architectures of a few thousand weights, with random numbers for weights and inputs. */
public final class TinyModels {
    private static final double STD = 0.2;

    private TinyModels() {}

    /** Two levels of 8 and 16 channels, 4 latent channels, SD3's scale and shift. */
    public static VaeConfig vae() {
        return new VaeConfig(
                3, 3, 4, List.of(8, 16), 1, 4, List.of(), 1.5035, 0.0609, true, true, true, false, List.of());
    }

    /** Two layers of width 8 on 20 tokens of which 19 ends a prompt, with a projection to 6. */
    public static ClipTextConfig clip() {
        return new ClipTextConfig(20, 8, 16, 2, 2, 10, 6, true, ClipTextConfig.Activation.GELU, 1e-5, 19, List.of());
    }

    /** Fills a network with random weights of a dtype; norms get them around 1. */
    public static void fill(ParameterStore network, NDManager manager, DataType type) {
        long seed = 1;
        for (Parameter parameter : network.parameters()) {
            boolean scale = parameter.init() instanceof Parameter.Init.Constant constant && constant.value() == 1;
            NDArray noise = Kernels.scale(Kernels.randn(manager, seed++, parameter.shape()), STD);
            NDArray value = scale ? Kernels.shift(noise, 1) : noise;
            parameter.set(Kernels.cast(value, type));
        }
    }
}
