package org.imagerl.latent.pipeline;

import ai.djl.ndarray.types.DataType;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.vae.AutoencoderKl;
import org.imagerl.latent.vae.LegacyKeys;
import org.imagerl.latent.vae.PiecewiseVae;
import org.imagerl.latent.vae.Vae;
import org.imagerl.toolkit.nn.ParameterStore;

/**
 * The autoencoder of a checkpoint with its weights.
 *
 * @param type of weights and activations
 * @param residence when the weights are in memory
 * @param latents what it makes of images
 */
public record LoadedVae(VaeConfig config, Vae model, DataType type, Residence residence, ImageLatents latents) {

    /** Loads the folder {@code vae}. The VAEs of some checkpoints overflow in float16; their description says so, and they stay in float32. */
    public static LoadedVae load(OpenCheckpoint folder) {
        VaeConfig config = VaeConfig.read(folder.config("vae"));
        config.warnings().forEach(folder.warnings());
        ParameterStore network = new ParameterStore("vae");
        Vae model = PiecewiseVae.of(
                new AutoencoderKl(network, config, folder.memory().checkpointing()),
                config,
                folder.memory().vaeSlicing(),
                folder.memory().vaeTiling());
        DataType wanted = folder.dtypes().vae();
        DataType type = config.forceUpcast()
                ? ComponentDtypes.unlessFloat16(wanted, "the VAE (force_upcast in vae/config.json)", folder.warnings())
                : wanted;
        Weights weights = new Weights(Component.DIFFUSERS, network, type, names -> LegacyKeys::current);
        Residence residence = folder.reside(weights);
        String pieces = "tiling " + folder.memory().vaeTiling();
        ImageLatents latents = new ImageLatents(
                residence, folder.cache(), () -> config + "\n" + pieces + "\n" + weights.fingerprint(folder));
        return new LoadedVae(config, model, type, residence, latents);
    }

    /** Tells its weights and the scale of its latents from others; the same in float32 and float16. */
    String fingerprint() {
        String scale = " x " + config.scalingFactor() + " + " + config.shiftFactor();
        return residence.use(() -> Fingerprint.of(network())) + scale;
    }

    /** Its weights, which may not be in memory. */
    public ParameterStore network() {
        return residence.network();
    }
}
