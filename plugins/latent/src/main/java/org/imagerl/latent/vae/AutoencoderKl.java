package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Precision;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * The autoencoder between images and latents (Rombach, Blattmann, Lorenz, Esser, Ommer, High-Resolution Image Synthesis with
 * Latent Diffusion Models, 2022, arXiv 2112.10752, section 3.1; Kingma, Welling, Auto-Encoding Variational Bayes, 2013, arXiv
 * 1312.6114), in the form of diffusers' {@code AutoencoderKL}. Activations have the dtype of the weights, results that of the
 * argument. All is differentiable; in a recording with checkpointing, what passes between the segments belongs to the surrounding
 * scope, which must outlive the backward pass.
 */
public final class AutoencoderKl implements Vae {
    static final double EPS = 1e-6;

    private final VaeConfig config;
    private final Checkpointing checkpointing;
    private final ParameterStore network;
    private final Stack encoder;
    private final @Nullable Conv2d quant;
    private final @Nullable Conv2d postQuant;
    private final Stack decoder;

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     * @param checkpointing recordings keep only what passes between segments and run them again in the backward pass
     */
    public AutoencoderKl(ParameterStore network, VaeConfig config, Checkpointing checkpointing) {
        this.config = config;
        this.checkpointing = checkpointing;
        this.network = network;
        ParameterScope root = network.root();
        int latent = config.latentChannels();
        encoder = Stack.encoder(root.at("encoder"), config);
        quant = config.quantConv() ? root.at("quant_conv").conv2d(2 * latent, 2 * latent, 1, 1, 0) : null;
        postQuant = config.postQuantConv() ? root.at("post_quant_conv").conv2d(latent, latent, 1, 1, 0) : null;
        decoder = Stack.decoder(root.at("decoder"), config);
    }

    @Override
    public NDArray moments(NDArray image) {
        return Scope.of(() -> {
            NDArray h = encoder.apply(checkpointing, Kernels.cast(image, weightType()));
            return Kernels.cast(through(quant, h), image.getDataType());
        });
    }

    @Override
    public NDArray decode(NDArray latent) {
        return Scope.of(() -> {
            NDArray z = through(postQuant, Kernels.cast(latent, weightType()));
            return Kernels.cast(decoder.apply(checkpointing, z), latent.getDataType());
        });
    }

    @Override
    public NDArray toDenoiser(NDArray latent) {
        return Scope.of(() -> Kernels.scale(Kernels.shift(latent, -config.shiftFactor()), config.scalingFactor()));
    }

    @Override
    public NDArray fromDenoiser(NDArray latent) {
        return Scope.of(() -> Kernels.shift(Kernels.scale(latent, 1 / config.scalingFactor()), config.shiftFactor()));
    }

    private NDArray through(@Nullable Conv2d conv, NDArray x) {
        return conv == null ? x : Gradients.segment(checkpointing.on(), in -> conv.apply(in[0]), x);
    }

    private DataType weightType() {
        return Precision.of(network.parameter("decoder.conv_in.weight").value());
    }
}
