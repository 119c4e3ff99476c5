package org.imagerl.flow.pipeline;

import java.util.List;
import java.util.Optional;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.flow.singlefile.FluxFiles;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.latent.pipeline.CheckpointFamily;
import org.imagerl.latent.pipeline.LoadedVae;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;

/** FLUX.1 checkpoints. */
public final class Flux {
    /** As in the published pipeline, where neither the caller nor the checkpoint says otherwise. */
    private static final int T5_TOKENS = 512;

    /** As in the published pipeline. */
    private static final double GUIDANCE = 3.5;

    /** The family. */
    public static final CheckpointFamily FAMILY = new CheckpointFamily(
            "flux",
            "FLUX.1, in the diffusers layout or in a single file",
            List.of("FluxPipeline"),
            new FluxFiles(),
            Flux::parts);

    private Flux() {}

    private static PipelineParts parts(OpenCheckpoint folder) {
        ModelIndex index = folder.index();
        index.require("transformer", "FluxTransformer2DModel");
        index.require("vae", "AutoencoderKL");
        index.require("text_encoder", "CLIPTextModel");
        index.require("text_encoder_2", "T5EncoderModel");
        FluxConfig config = FluxConfig.read(folder.config("transformer"));
        config.warnings().forEach(folder.warnings());
        if (!config.guidance()) {
            folder.refuseEmbeddedGuidance();
        }
        FlowSchedulerConfig scheduler = ResolutionShift.read(folder);
        FlowComponentCompatibility.check(folder, config);
        return new PipelineParts(
                encoder(folder, config),
                folder.load(FluxDenoiser.declare(
                        config, folder.memory().checkpointing().on())),
                LoadedVae.load(folder),
                latentShape -> ResolutionShift.of(scheduler, latentShape, FluxConfig.PATCH, GridEnd.ONE_STEP));
    }

    private static PromptEncoder encoder(OpenCheckpoint folder, FluxConfig config) {
        Double scale = folder.model().embeddedGuidance();
        return new FluxPromptEncoder(
                new TextTower(folder, ""),
                new T5Tower(folder, "_2", folder.textTokens(T5_TOKENS)),
                config.guidance() ? Optional.of(scale == null ? GUIDANCE : scale) : Optional.empty());
    }
}
