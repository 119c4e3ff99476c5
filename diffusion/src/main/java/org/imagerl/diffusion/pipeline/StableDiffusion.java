package org.imagerl.diffusion.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.diffusion.singlefile.StableDiffusionFiles;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.pipeline.CheckpointFamily;
import org.imagerl.latent.pipeline.LoadedVae;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;

/** Stable Diffusion checkpoints. */
public final class StableDiffusion {
    private static final String SD = "StableDiffusionPipeline";
    private static final String SDXL = "StableDiffusionXLPipeline";
    private static final String PAINT = "StableDiffusionInpaintPipeline";
    private static final String PAINT_XL = "StableDiffusionXLInpaintPipeline";
    private static final String LCM = "LatentConsistencyModelPipeline";

    /** What diffusers' pipelines tell a UNet that is distilled from guidance, unless the caller says otherwise. */
    private static final Map<String, Double> GUIDANCE = Map.of(SD, 7.5, SDXL, 5.0, LCM, 8.5);

    /** The family. */
    public static final CheckpointFamily FAMILY = new CheckpointFamily(
            "stable-diffusion",
            "Stable Diffusion 1.x, 2.x and XL, in the diffusers layout or in a single file",
            List.of(SD, SDXL, LCM, PAINT, PAINT_XL),
            new StableDiffusionFiles(),
            StableDiffusion::parts);

    private StableDiffusion() {}

    /** Loads the components of a folder, with the checks of {@link #FAMILY}. */
    public static PipelineParts parts(OpenCheckpoint folder) {
        ModelIndex index = folder.index();
        folder.refuseTextTokens();
        index.require("unet", "UNet2DConditionModel");
        index.require("vae", "AutoencoderKL");
        index.require("text_encoder", "CLIPTextModel");
        boolean xl = Set.of(SDXL, PAINT_XL).contains(index.className());
        UnetConfig unet = UnetConfig.read(folder.config("unet"));
        VaeConfig vae = VaeConfig.read(folder.config("vae"));
        if (unet.guidanceWidth().isEmpty()) {
            folder.refuseEmbeddedGuidance();
        }
        SchedulerConfig scheduler = scheduler(folder, xl);
        String[] encoders = xl ? new String[] {"text_encoder", "text_encoder_2"} : new String[] {"text_encoder"};
        UnetComponentCompatibility.check(folder, unet, vae, encoders);
        unet.warnings().forEach(folder.warnings());
        DiffusionSchedule schedule = DiffusionSchedule.of(scheduler);
        return new PipelineParts(
                encoder(folder, xl, unet),
                folder.load(UnetDenoiser.declare(unet, folder.memory().checkpointing())),
                LoadedVae.load(folder),
                latentShape -> schedule);
    }

    private static PromptEncoder encoder(OpenCheckpoint folder, boolean xl, UnetConfig unet) {
        PromptEncoder prompts = xl ? sdxlEncoder(folder) : new SdPromptEncoder(new TextTower(folder, ""));
        if (unet.guidanceWidth().isEmpty()) {
            return prompts;
        }
        Double wanted = folder.model().embeddedGuidance();
        double usual = GUIDANCE.getOrDefault(folder.index().className(), 7.5);
        return new GuidedPromptEncoder(prompts, wanted == null ? usual : wanted);
    }

    private static SchedulerConfig scheduler(OpenCheckpoint folder, boolean xl) {
        SchedulerConfig config = SchedulerConfig.read(folder.schedulerConfig());
        SchedulerConfig used = xl ? config : config.forStableDiffusionPipeline();
        used.warnings().forEach(folder.warnings());
        return used;
    }

    private static PromptEncoder sdxlEncoder(OpenCheckpoint folder) {
        folder.index().require("text_encoder_2", "CLIPTextModelWithProjection");
        return new SdxlPromptEncoder(
                new TextTower(folder, ""),
                new TextTower(folder, "_2"),
                folder.index().flag("force_zeros_for_empty_prompt", true));
    }
}
