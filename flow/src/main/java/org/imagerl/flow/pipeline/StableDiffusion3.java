package org.imagerl.flow.pipeline;

import java.util.List;
import java.util.Optional;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.flow.singlefile.StableDiffusion3Files;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.latent.pipeline.CheckpointFamily;
import org.imagerl.latent.pipeline.LoadedVae;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;

/** Stable Diffusion 3 and 3.5 checkpoints. */
public final class StableDiffusion3 {
    /** As in the published pipeline, where neither the caller nor the checkpoint says otherwise. */
    private static final int T5_TOKENS = 256;

    /** The family. */
    public static final CheckpointFamily FAMILY = new CheckpointFamily(
            "stable-diffusion-3",
            "Stable Diffusion 3 and 3.5, in the diffusers layout or in a single file",
            List.of("StableDiffusion3Pipeline"),
            new StableDiffusion3Files(),
            StableDiffusion3::parts);

    private StableDiffusion3() {}

    /** Loads the components of a folder, with the checks of {@link #FAMILY}. */
    public static PipelineParts parts(OpenCheckpoint folder) {
        ModelIndex index = folder.index();
        index.require("transformer", "SD3Transformer2DModel");
        index.require("vae", "AutoencoderKL");
        index.require("text_encoder", "CLIPTextModelWithProjection");
        index.require("text_encoder_2", "CLIPTextModelWithProjection");
        folder.refuseEmbeddedGuidance();
        boolean t5 = index.has("text_encoder_3");
        if (t5) {
            index.require("text_encoder_3", "T5EncoderModel");
        }
        Sd3Config config = Sd3Config.read(folder.config("transformer"));
        config.warnings().forEach(folder.warnings());
        FlowSchedulerConfig scheduler = ResolutionShift.read(folder);
        FlowComponentCompatibility.check(folder, config, t5);
        return new PipelineParts(
                encoder(folder, config, t5),
                folder.load(Sd3Denoiser.declare(
                        config, folder.memory().checkpointing().on())),
                LoadedVae.load(folder),
                latentShape -> ResolutionShift.of(scheduler, latentShape, config.patchSize(), GridEnd.TRAINED));
    }

    private static PromptEncoder encoder(OpenCheckpoint folder, Sd3Config config, boolean t5) {
        int tokens = folder.textTokens(T5_TOKENS);
        return new Sd3PromptEncoder(
                new TextTower(folder, ""),
                new TextTower(folder, "_2"),
                t5 ? Optional.of(new T5Tower(folder, "_3", tokens)) : Optional.empty(),
                config.textWidth(),
                tokens);
    }
}
