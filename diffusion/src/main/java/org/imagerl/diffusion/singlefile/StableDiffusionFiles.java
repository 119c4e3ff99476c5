package org.imagerl.diffusion.singlefile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.latent.source.ClipFormat;
import org.imagerl.latent.source.ClipFormat.Projection;
import org.imagerl.latent.source.SingleFileFormat;
import org.imagerl.latent.source.SingleFileKind;
import org.imagerl.latent.source.SingleFileKind.Part;
import org.imagerl.latent.source.SingleFileKind.Tokenizer;
import org.imagerl.latent.source.VaeFormat;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stable Diffusion 1.x, 2.x and XL in single files. Settings that do not follow from the shapes of tensors are those of
 * the published checkpoints that diffusers' {@code from_single_file} takes for a file: stable-diffusion-v1-5,
 * stable-diffusion-2-1 and stable-diffusion-xl-base-1.0.
 */
public final class StableDiffusionFiles implements SingleFileFormat {
    private static final String SD = "StableDiffusionPipeline";
    private static final String SDXL = "StableDiffusionXLPipeline";
    private static final String PAINT = "StableDiffusionInpaintPipeline";
    private static final String PAINT_XL = "StableDiffusionXLInpaintPipeline";

    /** Of latents, a mask, and the masked image. */
    private static final int PAINTING_CHANNELS = 9;

    private static final String UNET_CLASS = "UNet2DConditionModel";
    private static final String WHOLE = "take a file that has one, or name FILE|FOLDER";

    /** Keys without meaning that ComfyUI knows: the model predicts the velocity, on a schedule that ends in pure noise. */
    private static final String V_PREDICTION = "v_pred";

    private static final String ZERO_TERMINAL_SNR = "ztsnr";

    @Override
    public Optional<SingleFileKind> kind(SafetensorsFile file) {
        return TensorGroup.with(file, UnetFormat.MARK, UnetFormat.PREFIXES).map(StableDiffusionFiles::kind);
    }

    private static SingleFileKind kind(TensorGroup unet) {
        SafetensorsFile file = unet.file();
        boolean paints = unet.size(UnetFormat.MARK, 1) == PAINTING_CHANNELS;
        if (unet.has("label_emb.0.0.weight")) {
            SingleFileKind xl = xl(file.has(V_PREDICTION), file.has(ZERO_TERMINAL_SNR));
            return paints ? xl.of(PAINT_XL) : xl;
        }
        boolean linear = unet.has("middle_block.1.proj_in.weight")
                && unet.shape("middle_block.1.proj_in.weight").dimension() == 2;
        SingleFileKind kind = linear ? second() : first();
        return paints ? kind.of(PAINT) : kind;
    }

    @Override
    public Optional<SingleFileKind> kind(CheckpointSource folder) {
        return switch (folder.index().className()) {
            case SD, PAINT ->
                Optional.of(
                        folder.component("unet").config("config.json").flag("use_linear_projection", false)
                                ? second()
                                : first());
            case SDXL, PAINT_XL -> Optional.of(xl(false, false));
            default -> Optional.empty();
        };
    }

    private static SingleFileKind first() {
        ClipFormat text = new ClipFormat(
                List.of("cond_stage_model.transformer.", ""), List.of(), Projection.NONE, "quick_gelu", 0);
        return new SingleFileKind(
                "Stable Diffusion 1.x",
                SD,
                List.of(
                        unet(64, OptionalInt.of(8)),
                        vae(512, 0.18215),
                        Part.textEncoder("text_encoder", "CLIPTextModel", text, WHOLE + " (clip_l.safetensors)")),
                List.of(Tokenizer.clip("tokenizer", "text_encoder")),
                scheduler("PNDMScheduler").put("prediction_type", "epsilon"),
                Map.of(),
                List.of());
    }

    private static SingleFileKind second() {
        ClipFormat text =
                new ClipFormat(List.of(""), List.of("cond_stage_model.model.", ""), Projection.NONE, "gelu", 1);
        return new SingleFileKind(
                "Stable Diffusion 2.x",
                SD,
                List.of(
                        unet(96, OptionalInt.empty()),
                        vae(768, 0.18215),
                        Part.textEncoder("text_encoder", "CLIPTextModel", text, WHOLE)),
                List.of(Tokenizer.openClip("tokenizer", "text_encoder")),
                scheduler("DDIMScheduler").put("prediction_type", "v_prediction"),
                Map.of(),
                List.of("a single file of Stable Diffusion 2 does not say what it predicts: the velocity is assumed,"
                        + " for 768 x 768 pixels, as diffusers does; if it is a base model, which predicts the"
                        + " noise, name its schedule (--component scheduler=FOLDER, model.components.scheduler)"
                        + " and a size"));
    }

    private static SingleFileKind xl(boolean velocity, boolean zeroTerminalSnr) {
        ClipFormat first = new ClipFormat(
                List.of("conditioner.embedders.0.transformer.", ""), List.of(), Projection.NONE, "quick_gelu", 0);
        ClipFormat second = new ClipFormat(
                List.of(""), List.of("conditioner.embedders.1.model.", ""), Projection.OF_FILE, "gelu", 0);
        ObjectNode scheduler = scheduler("EulerDiscreteScheduler")
                .put("prediction_type", velocity ? "v_prediction" : "epsilon")
                .put("timestep_spacing", "leading");
        List<String> assumptions = new ArrayList<>();
        if (velocity) {
            assumptions.add("by its key " + V_PREDICTION + " it predicts the velocity");
        }
        if (zeroTerminalSnr) {
            scheduler.put("rescale_betas_zero_snr", true).put("timestep_spacing", "trailing");
            assumptions.add("by its key " + ZERO_TERMINAL_SNR + " its schedule ends in pure noise; trailing timesteps"
                    + " are taken, because no others begin there");
        }
        return new SingleFileKind(
                "Stable Diffusion XL",
                SDXL,
                List.of(
                        unet(128, OptionalInt.empty()),
                        vae(1024, 0.13025),
                        Part.textEncoder("text_encoder", "CLIPTextModel", first, WHOLE + " (clip_l.safetensors)"),
                        Part.textEncoder(
                                "text_encoder_2",
                                "CLIPTextModelWithProjection",
                                second,
                                WHOLE + " (clip_g.safetensors)")),
                List.of(
                        Tokenizer.clip("tokenizer", "text_encoder"),
                        Tokenizer.openClip("tokenizer_2", "text_encoder_2").orLike("tokenizer")),
                scheduler,
                Map.of("force_zeros_for_empty_prompt", true),
                assumptions);
    }

    private static Part unet(int sampleSize, OptionalInt heads) {
        return Part.diffusers("unet", UNET_CLASS, new UnetFormat(sampleSize, heads), WHOLE);
    }

    private static Part vae(int sampleSize, double scalingFactor) {
        return Part.diffusers(
                "vae", "AutoencoderKL", new VaeFormat("first_stage_model.", sampleSize, scalingFactor, 0), WHOLE);
    }

    private static ObjectNode scheduler(String className) {
        return ConfigJson.diffusers(className)
                .put("beta_end", 0.012)
                .put("beta_schedule", "scaled_linear")
                .put("beta_start", 0.00085)
                .put("clip_sample", false)
                .put("num_train_timesteps", 1000)
                .put("set_alpha_to_one", false)
                .put("skip_prk_steps", true)
                .put("steps_offset", 1);
    }
}
