package org.imagerl.latent.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.latent.checkpoint.VaeConfig;
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
public final class AutoencoderKl {
    static final double EPS = 1e-6;
    private static final double MIN_LOGVAR = -30;

    /** Pixels, of a file that does not say: diffusers' default. */
    private static final int SAMPLE_SIZE = 32;

    private static final double MAX_LOGVAR = 20;

    private final VaeConfig config;
    private final boolean checkpointing;
    private final Pieces pieces;
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
    public AutoencoderKl(ParameterStore network, VaeConfig config, boolean checkpointing) {
        this(network, config, checkpointing, Pieces.WHOLE);
    }

    /**
     * Declares the weights.
     *
     * @param network empty; to be filled before the first call
     * @param checkpointing recordings keep only what passes between segments and run them again in the backward pass
     * @param pieces into which batches are cut
     */
    public AutoencoderKl(ParameterStore network, VaeConfig config, boolean checkpointing, Pieces pieces) {
        this.config = config;
        this.checkpointing = checkpointing;
        this.pieces = pieces;
        this.network = network;
        ParameterScope root = network.root();
        int latent = config.latentChannels();
        encoder = Stack.encoder(root.at("encoder"), config);
        quant = config.quantConv() ? root.at("quant_conv").conv2d(2 * latent, 2 * latent, 1, 1, 0) : null;
        postQuant = config.postQuantConv() ? root.at("post_quant_conv").conv2d(latent, latent, 1, 1, 0) : null;
        decoder = Stack.decoder(root.at("decoder"), config);
    }

    /**
     * Images to Gaussians over latents.
     *
     * @param image floating point {@code [B, C, H, W]} in -1..1; H and W multiples of {@link VaeConfig#downscale()}
     */
    public Moments encode(NDArray image) {
        Tiles tiles = new Tiles(tile(), tile() / config.downscale());
        NDArray moments = pieces.apply(image, tiles, checkpointing, this::moments);
        int latent = config.latentChannels();
        NDArray mean = channels(moments, 0, latent);
        NDArray logvar = Scope.of(() -> Kernels.clamp(channels(moments, latent, 2 * latent), MIN_LOGVAR, MAX_LOGVAR));
        return new Moments(mean, logvar);
    }

    private NDArray moments(NDArray image) {
        return Gradients.scoped(checkpointing, () -> {
            NDArray h = encoder.apply(checkpointing, Kernels.cast(image, weightType()));
            return Kernels.cast(through(quant, h), image.getDataType());
        });
    }

    /**
     * Latents to images.
     *
     * @param latent floating point {@code [B, c, h, w]} in the VAE's own scale, see {@link #fromDenoiser}
     * @return {@code [B, C, H, W]}, about -1..1, not clamped
     */
    public NDArray decode(NDArray latent) {
        Tiles tiles = new Tiles(tile() / config.downscale(), tile());
        return pieces.apply(latent, tiles, checkpointing, this::image);
    }

    private NDArray image(NDArray latent) {
        return Gradients.scoped(checkpointing, () -> {
            NDArray z = through(postQuant, Kernels.cast(latent, weightType()));
            return Kernels.cast(decoder.apply(checkpointing, z), latent.getDataType());
        });
    }

    /** Side of a tile in pixels, a multiple of {@link VaeConfig#downscale()}: that of the images it was trained on. */
    private int tile() {
        int trained = config.sampleSize().isEmpty()
                ? SAMPLE_SIZE
                : config.sampleSize().get(0);
        return Math.max(1, trained / config.downscale()) * config.downscale();
    }

    /** The most pixels of an image of a size whose activations are in memory at once. */
    public long pixelsAtOnce(int width, int height) {
        return pieces.tiling() ? (long) Math.min(width, tile()) * Math.min(height, tile()) : (long) width * height;
    }

    /** Latents {@code [B, c, h, w]} in the VAE's own scale to those that the denoiser is trained on, of the same shape. */
    public NDArray toDenoiser(NDArray latent) {
        return Scope.of(() -> Kernels.scale(Kernels.shift(latent, -config.shiftFactor()), config.scalingFactor()));
    }

    /** Latents {@code [B, c, h, w]} as the denoiser makes them to the VAE's own scale, of the same shape. */
    public NDArray fromDenoiser(NDArray latent) {
        return Scope.of(() -> Kernels.shift(Kernels.scale(latent, 1 / config.scalingFactor()), config.shiftFactor()));
    }

    private NDArray through(@Nullable Conv2d conv, NDArray x) {
        return conv == null ? x : Gradients.segment(checkpointing, in -> conv.apply(in[0]), x);
    }

    private DataType weightType() {
        return Precision.of(network.parameter("decoder.conv_in.weight").value());
    }

    private static NDArray channels(NDArray x, int from, int to) {
        return JniUtils.slice((PtNDArray) x, 1, from, to, 1);
    }
}
