package org.imagerl.flow.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.transformer.ConditioningInputs;
import org.imagerl.latent.pipeline.Component;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.latent.pipeline.OpenFolder;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.tensor.Gradients;

/** The transformer of FLUX.1. Outside it latents are {@code [B, c, h, w]}; the network sees patches of 2 x 2 as tokens. */
public record FluxDenoiser(FluxConfig config, FluxTransformer transformer, Network network, boolean checkpointing)
        implements Denoiser {
    /** Published pipelines make pictures of 1024 pixels, 8 to an element of the latent; the files do not say so. */
    private static final int SAMPLE_SIZE = 128;

    private static final double TIMESTEPS = 1000;

    static FluxDenoiser load(OpenFolder folder, FluxConfig config) {
        FluxDenoiser denoiser = declare(config, folder.checkpointing());
        folder.load(Component.DIFFUSERS, denoiser.network);
        return denoiser;
    }

    /** Without weights yet. */
    public static FluxDenoiser declare(FluxConfig config, boolean checkpointing) {
        Network network = new Network("transformer");
        FluxTransformer transformer = new FluxTransformer(network, config, checkpointing);
        return new FluxDenoiser(config, transformer, network, checkpointing);
    }

    @Override
    public int channels() {
        return config.latentChannels();
    }

    @Override
    public int patch() {
        return FluxConfig.PATCH;
    }

    @Override
    public int maxSide() {
        return Integer.MAX_VALUE;
    }

    @Override
    public List<Integer> sampleSize() {
        return List.of(SAMPLE_SIZE, SAMPLE_SIZE);
    }

    @Override
    public long activations(long elements) {
        // Of each token the residual stream, queries, keys and values, and the four widths inside the feed-forward
        // layer.
        return elements / (FluxConfig.PATCH * FluxConfig.PATCH) * config.width() * 8L;
    }

    @Override
    public int modulationWidth() {
        return config.width();
    }

    @Override
    public List<String> loraTargets() {
        return LoraTargets.JOINT_ATTENTION;
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        Shape shape = latents.getShape();
        return Gradients.scoped(checkpointing, () -> {
            NDManager manager = latents.getManager();
            long words = ConditioningInputs.required(conditioning, ConditioningInputs.TEXT)
                    .getShape()
                    .get(1);
            FluxTransformer.Places places = new FluxTransformer.Places(
                    grid(manager, (int) shape.get(2) / FluxConfig.PATCH, (int) shape.get(3) / FluxConfig.PATCH),
                    manager.zeros(new Shape(words, FluxConfig.AXES)));
            NDArray velocity = transformer.forward(packed(latents), times(manager, timesteps), conditioning, places);
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
