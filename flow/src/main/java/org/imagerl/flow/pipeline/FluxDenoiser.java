package org.imagerl.flow.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.toolkit.nn.ParameterStore;

/** The transformer of FLUX.1. Outside it latents are {@code [B, c, h, w]}; the network sees patches of 2 x 2 as tokens. */
public final class FluxDenoiser {
    /** Published pipelines make images of 1024 pixels, 8 to an element of the latent; the files do not say so. */
    private static final int SAMPLE_SIZE = 128;

    private static final double TIMESTEPS = 1000;

    private FluxDenoiser() {}

    /** Without weights yet. */
    public static Denoiser declare(FluxConfig config, boolean checkpointing) {
        ParameterStore network = new ParameterStore("transformer");
        FluxTransformer transformer = new FluxTransformer(network, config, checkpointing);
        JointDenoiser.Latents latents =
                new JointDenoiser.Latents(config.latentChannels(), FluxConfig.PATCH, Integer.MAX_VALUE, SAMPLE_SIZE);
        return JointDenoiser.of(network, latents, config.width(), (x, timesteps, conditioning) -> {
            NDManager manager = x.getManager();
            Shape shape = x.getShape();
            long words = ConditioningInputs.required(conditioning, ConditioningInputs.TEXT)
                    .getShape()
                    .get(1);
            FluxTransformer.Places places = new FluxTransformer.Places(
                    grid(manager, (int) shape.get(2) / FluxConfig.PATCH, (int) shape.get(3) / FluxConfig.PATCH),
                    manager.zeros(new Shape(words, FluxConfig.AXES)));
            NDArray velocity = transformer.forward(packed(x), times(manager, timesteps), conditioning, places);
            return unpacked(velocity, shape);
        });
    }

    private static NDArray times(NDManager manager, double[] timesteps) {
        double[] times = new double[timesteps.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = timesteps[i] / TIMESTEPS;
        }
        return manager.create(times).duplicate();
    }

    /** Row and column of each patch, after a coordinate that is always 0: {@code [n, 3]}. */
    private static NDArray grid(NDManager manager, int rows, int columns) {
        float[] places = new float[rows * columns * FluxConfig.AXES];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int at = (row * columns + column) * FluxConfig.AXES;
                places[at + 1] = row;
                places[at + 2] = column;
            }
        }
        return manager.create(places, new Shape((long) rows * columns, FluxConfig.AXES))
                .duplicate();
    }

    /** {@code [B, c, h, w]} to {@code [B, h w / 4, 4 c]}. */
    static NDArray packed(NDArray latents) {
        Shape s = latents.getShape();
        int p = FluxConfig.PATCH;
        long rows = s.get(2) / p;
        long columns = s.get(3) / p;
        return latents.reshape(s.get(0), s.get(1), rows, p, columns, p)
                .transpose(0, 2, 4, 1, 3, 5)
                .reshape(s.get(0), rows * columns, s.get(1) * p * p);
    }

    /** The way back, to latents of a shape. */
    static NDArray unpacked(NDArray patches, Shape s) {
        int p = FluxConfig.PATCH;
        return patches.reshape(s.get(0), s.get(2) / p, s.get(3) / p, s.get(1), p, p)
                .transpose(0, 3, 1, 4, 2, 5)
                .reshape(s);
    }
}
