package org.imagerl.diffusion.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.toolkit.tensor.Kernels;

/** A real UNet of a few thousand weights. */
public final class TinyUnet {
    private TinyUnet() {}

    /** Two levels of 8 and 16 channels, transformers on the finer one, text of width 6, 3 classes. */
    public static UnetConfig config() {
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

    /** What such a network takes beside latents {@code [batch, 4, h, w]}. */
    public static Map<String, NDArray> conditioning(NDManager manager, int batch) {
        NDArray labels = manager.zeros(new Shape(batch), DataType.INT64);
        return Map.of(
                "encoder_hidden_states", Kernels.randn(manager, 7, new Shape(batch, 5, 6)), "class_labels", labels);
    }
}
