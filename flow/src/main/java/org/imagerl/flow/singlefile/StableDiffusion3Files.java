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

/**
 * Stable Diffusion 3 and 3.5 in single files. Settings that do not follow from the shapes of tensors are those of the
 * published checkpoints that diffusers' {@code from_single_file} takes for a file, which agree in it.
 */
public final class StableDiffusion3Files implements SingleFileFormat {
    private static final String PIPELINE = "StableDiffusion3Pipeline";
    private static final String ENCODER_CLASS = "CLIPTextModelWithProjection";

    @Override
    public Optional<SingleFileKind> kind(SafetensorsFile file) {
        return Sd3Format.FORMAT.group(file).map(group -> kind());
    }

    @Override
    public Optional<SingleFileKind> kind(CheckpointSource folder) {
        return Optional.of(kind());
    }

    private static SingleFileKind kind() {
        ClipFormat first = new ClipFormat(
                List.of("text_encoders.clip_l.transformer.", ""), List.of(), Projection.IDENTITY, "quick_gelu", 0);
        ClipFormat second = new ClipFormat(
                List.of("text_encoders.clip_g.transformer.", ""), List.of(), Projection.OF_FILE, "gelu", 0);
        return new SingleFileKind(
                "Stable Diffusion 3",
                PIPELINE,
                List.of(
                        Part.diffusers("transformer", "SD3Transformer2DModel", Sd3Format.FORMAT, "name FILE|FOLDER"),
                        Part.diffusers(
                                "vae",
                                "AutoencoderKL",
                                new VaeFormat("first_stage_model.", 1024, 1.5305, 0.0609),
                                "name FILE|FOLDER"),
                        Part.textEncoder("text_encoder", ENCODER_CLASS, first, "name FILE|FOLDER (clip_l.safetensors)"),
                        Part.textEncoder(
                                "text_encoder_2", ENCODER_CLASS, second, "name FILE|FOLDER (clip_g.safetensors)"),
                        Part.textEncoder(
                                        "text_encoder_3",
                                        "T5EncoderModel",
                                        new T5Format(),
                                        "its hidden states are zeros, as diffusers has it; name text_encoder_3 and"
                                                + " tokenizer_3 (--component) to use one")
                                .dispensable()),
                List.of(
                        Tokenizer.clip("tokenizer", "text_encoder"),
                        Tokenizer.openClip("tokenizer_2", "text_encoder_2").orLike("tokenizer"),
                        Tokenizer.t5("tokenizer_3", "text_encoder_3")),
                ConfigJson.diffusers("FlowMatchEulerDiscreteScheduler")
                        .put("num_train_timesteps", 1000)
                        .put("shift", 3.0),
                Map.of(),
                List.of());
    }
}
