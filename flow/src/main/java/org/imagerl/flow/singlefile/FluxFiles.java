package org.imagerl.flow.singlefile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.latent.source.ClipFormat;
import org.imagerl.latent.source.ClipFormat.Projection;
import org.imagerl.latent.source.SingleFileFormat;
import org.imagerl.latent.source.SingleFileKind;
import org.imagerl.latent.source.SingleFileKind.Part;
import org.imagerl.latent.source.SingleFileKind.Tokenizer;
import org.imagerl.latent.source.VaeFormat;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/**
 * FLUX.1 in single files. Settings that do not follow from the shapes of tensors are those of the published checkpoints
 * that diffusers' {@code from_single_file} takes for a file: FLUX.1-dev for one that is conditioned on the guidance
 * scale, else FLUX.1-schnell.
 */
public final class FluxFiles implements SingleFileFormat {

    @Override
    public Optional<SingleFileKind> kind(SafetensorsFile file) {
        return FluxFormat.FORMAT.group(file).map(transformer -> kind(FluxFormat.guided(transformer)));
    }

    @Override
    public Optional<SingleFileKind> kind(CheckpointSource folder) {
        return Optional.of(
                kind(folder.component("transformer").config("config.json").flag("guidance_embeds", false)));
    }

    private static SingleFileKind kind(boolean guided) {
        ClipFormat clip = new ClipFormat(
                List.of("text_encoders.clip_l.transformer.", ""), List.of(), Projection.NONE, "quick_gelu", 0);
        return new SingleFileKind(
                guided ? "FLUX.1 dev" : "FLUX.1 schnell",
                "FluxPipeline",
                List.of(
                        Part.diffusers("transformer", "FluxTransformer2DModel", FluxFormat.FORMAT, "name FILE|FOLDER"),
                        Part.diffusers(
                                "vae",
                                "AutoencoderKL",
                                new VaeFormat("vae.", 1024, 0.3611, 0.1159),
                                "name FILE|FOLDER (ae.safetensors)"),
                        Part.textEncoder(
                                "text_encoder", "CLIPTextModel", clip, "name FILE|FOLDER (clip_l.safetensors)"),
                        Part.textEncoder(
                                "text_encoder_2",
                                "T5EncoderModel",
                                new T5Format(),
                                "name FILE|FOLDER (t5xxl_fp16.safetensors)")),
                List.of(Tokenizer.clip("tokenizer", "text_encoder"), Tokenizer.t5("tokenizer_2", "text_encoder_2")),
                scheduler(guided),
                Map.of(),
                List.of());
    }

    private static ObjectNode scheduler(boolean guided) {
        return ConfigJson.diffusers("FlowMatchEulerDiscreteScheduler")
                .put("base_image_seq_len", 256)
                .put("base_shift", 0.5)
                .put("max_image_seq_len", 4096)
                .put("max_shift", 1.15)
                .put("num_train_timesteps", 1000)
                .put("shift", guided ? 3.0 : 1.0)
                .put("use_dynamic_shifting", guided);
    }
}
