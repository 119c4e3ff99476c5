package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;

/** A denoiser that is measured: its sizes, its inputs, and the heavy operations of one call. */
interface DenoiserShape {

    /** The sizes, in a line for people. */
    String title();

    /** The text of its {@code config.json}. */
    String config();

    /** Declares the network that a {@code config.json} describes; it is filled later. */
    Denoiser declare(Path config, Checkpointing checkpointing);

    /** Shape of the latents, batch 1. */
    Shape latents();

    /** A time in the denoiser's unit. */
    double timestep();

    /** The conditioning, random: the inputs of the denoiser by name, {@code [1, ...]} each. */
    Map<String, NDArray> conditioning(NDManager manager);

    /** How often each heavy operation runs in a forward pass. */
    Map<BenchKernel, Integer> kernels(ParameterStore network);
}
