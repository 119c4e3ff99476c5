package org.imagerl.diffusion.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.diffusion.checkpoint.ClipTextConfig;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.diffusion.checkpoint.VaeConfig;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.tensor.Kernels;

/** Real architectures of a few thousand weights, with random numbers for weights and inputs. */
public final class TinyModels {
    private static final double STD = 0.2;

    private TinyModels() {}

    /** Two levels of 8 and 16 channels, transformers on the finer one, text of width 6, 3 classes. */
    public static UnetConfig unet() {
        UnetLevel fine = new UnetLevel(8, 1, true, 2, 1, 6, false);
        UnetLevel coarse = new UnetLevel(16, 1, false, 2, 1, 6, false);
        UnetLevel middle = new UnetLevel(16, 2, true, 2, 1, 6, false);
        UnetLevel coarseUp = new UnetLevel(16, 2, false, 2, 1, 6, false);
        UnetLevel fineUp = new UnetLevel(8, 2, true, 2, 1, 6, false);
        return new UnetConfig(
                4,
                4,
                List.of(8, 8),
                List.of(fine, coarse),
                Optional.of(middle),
                List.of(coarseUp, fineUp),
                32,
                true,
                0,
                4,
                1e-5,
                false,
                true,
                Optional.of(3),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** What {@link #unet} takes beside latents {@code [batch, 4, h, w]}. */
    public static Map<String, NDArray> conditioning(NDManager manager, int batch) {
        NDArray labels = manager.zeros(new Shape(batch), DataType.INT64);
        return Map.of(
                "encoder_hidden_states", Kernels.randn(manager, 7, new Shape(batch, 5, 6)), "class_labels", labels);
    }

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
    public static void fill(Network network, NDManager manager, DataType type) {
        long seed = 1;
        for (Parameter parameter : network.parameters()) {
            boolean scale = parameter.init() instanceof Parameter.Init.Constant constant && constant.value() == 1;
            NDArray noise = Kernels.scale(Kernels.randn(manager, seed++, parameter.shape()), STD);
            NDArray value = scale ? Kernels.shift(noise, 1) : noise;
            parameter.set(value.toType(type, false));
        }
    }
}
