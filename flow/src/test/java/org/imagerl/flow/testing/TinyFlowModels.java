package org.imagerl.flow.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.toolkit.tensor.Kernels;

/** Real architectures of a few thousand weights, to be filled with random numbers. */
public final class TinyFlowModels {

    private TinyFlowModels() {}

    /** SD3.5: three blocks of width 16, the second with dual attention, 4 latent channels, patches of 2 x 2, up to 6 x 6 of them. */
    public static Sd3Config sd3() {
        return new Sd3Config(4, 4, 8, 2, 3, 2, 8, 6, 5, 6, List.of(1), true, List.of());
    }

    /** FLUX dev: two double and two single blocks of width 16, tokens of 4 x 4 numbers, conditioned on the guidance scale. */
    public static FluxConfig flux() {
        return new FluxConfig(16, 16, 2, 2, 2, 8, 6, 5, true, List.of(2, 2, 4), List.of());
    }

    /** Two gated layers of width 8 on 20 tokens. */
    public static T5Config t5() {
        return new T5Config(20, 8, 12, 2, 2, 3, 8, 16, true, 1e-6, List.of());
    }

    /** What {@link #sd3} takes beside latents; {@link #flux} takes {@code guidance} too. */
    public static Map<String, NDArray> conditioning(NDManager manager, int batch, boolean guidance) {
        Map<String, NDArray> conditioning = new TreeMap<>();
        conditioning.put("encoder_hidden_states", Kernels.randn(manager, 7, new Shape(batch, 5, 6)));
        conditioning.put("pooled_projections", Kernels.randn(manager, 8, new Shape(batch, 5)));
        if (guidance) {
            conditioning.put("guidance", manager.full(new Shape(batch), 3.5f));
        }
        return conditioning;
    }
}
