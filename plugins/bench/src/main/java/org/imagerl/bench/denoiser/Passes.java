package org.imagerl.bench.denoiser;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.TuningSpec;
import org.imagerl.toolkit.lora.LoraTuning;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;

/** Passes of a denoiser on random inputs. */
final class Passes {
    private final DenoiserShape shape;
    private final NDArray latents;
    private final NDArray cotangent;
    private final Map<String, NDArray> conditioning;

    /** The inputs are the manager's. */
    Passes(DenoiserShape shape, NDManager manager) {
        this.shape = shape;
        latents = Kernels.randn(manager, 2, shape.latents());
        cotangent = Kernels.randn(manager, 3, shape.latents());
        conditioning = shape.conditioning(manager);
    }

    /** Fresh adapters on the layers that the denoiser's family's published trainings adapt. */
    static LoraTuning lora(Denoiser denoiser, int rank, NDManager manager) {
        List<String> component = List.of(denoiser.network().component());
        TuningSpec.Lora spec =
                new TuningSpec.Lora(component, rank, rank, denoiser.loraTargets(), TuningSpec.Lora.Init.GAUSSIAN);
        return new LoraTuning(List.of(denoiser.network()), spec, new RandomStreams(1), manager);
    }

    void forward(Denoiser denoiser) {
        Gradients.off(() -> denoise(denoiser));
    }

    /** Forward and backward; gradients are added to those of the trained adapters. */
    void step(Denoiser denoiser, LoraTuning trained) {
        Gradients.record(recording -> {
            recording.backward(denoise(denoiser), cotangent);
            return trained;
        });
    }

    private NDArray denoise(Denoiser denoiser) {
        return denoiser.denoise(latents, new double[] {shape.timestep()}, conditioning);
    }
}
