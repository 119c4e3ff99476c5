package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.util.Collection;
import java.util.List;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** What kind of model the tensors of a file are, by names that only it has. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are List.of
enum ModelKind {
    SINGLE_FILE(
            "a single-file checkpoint",
            "ComfyUI, A1111, kohya; diffusers by from_single_file",
            "model.diffusion_model."),
    CONTROL_NET("a ControlNet", "diffusers", "controlnet_cond_embedding."),
    UNET(
            "a UNet in diffusers layout",
            "diffusers, as unet/ of a checkpoint folder",
            "conv_in.weight",
            "down_blocks.",
            "time_embedding."),
    UNET_ORIGINAL(
            "a UNet with the names of its own code",
            "ComfyUI; diffusers by from_single_file",
            "input_blocks.0.0.weight",
            "output_blocks.",
            "time_embed."),
    VAE_ORIGINAL(
            "a VAE with the names of its own code",
            "ComfyUI; diffusers by from_single_file; imagerl, as --component vae=FILE",
            "decoder.conv_in.weight",
            "decoder.mid.block_1."),
    VAE(
            "a VAE in diffusers layout",
            "diffusers, as vae/ of a checkpoint folder; ComfyUI; imagerl, as --component vae=FILE",
            "encoder.conv_in.weight",
            "decoder.conv_out.weight"),
    FLUX(
            "a FLUX transformer in diffusers layout",
            "diffusers, as transformer/ of a checkpoint folder",
            "single_transformer_blocks."),
    SD3(
            "an SD3 transformer in diffusers layout",
            "diffusers, as transformer/ of a checkpoint folder",
            "transformer_blocks.0.attn.add_q_proj.",
            "pos_embed."),
    SD3_ORIGINAL(
            "an SD3 transformer with the names of its own code",
            "ComfyUI; diffusers by from_single_file",
            "joint_blocks.",
            "x_embedder."),
    FLUX_ORIGINAL(
            "a FLUX transformer with the names of its own code",
            "ComfyUI; diffusers by from_single_file",
            "double_blocks.",
            "single_blocks."),
    CLIP_TEXT(
            "a CLIP text encoder",
            "transformers, as text_encoder/ of a checkpoint folder; ComfyUI; imagerl, as --component text_encoder=FILE",
            "text_model.embeddings.token_embedding.weight"),
    T5(
            "a T5 text encoder",
            "transformers, as text_encoder_3/ (SD3) or text_encoder_2/ (FLUX) of a checkpoint folder; ComfyUI; imagerl,"
                    + " as --component of that name",
            "encoder.block.0.layer.0.SelfAttention.q.weight"),
    UNKNOWN("a file of tensors of no kind that is known here", "unknown");

    private final String description;
    private final String tools;
    private final List<String> beginnings;

    ModelKind(String description, String tools, String... beginnings) {
        this.description = description;
        this.tools = tools;
        this.beginnings = List.of(beginnings);
    }

    /** Whether there is a name with each of the beginnings. */
    private boolean isOf(Collection<String> names) {
        return beginnings.stream().allMatch(beginning -> names.stream().anyMatch(name -> name.startsWith(beginning)));
    }

    /** The kind of a file with these tensors; {@link #UNKNOWN} if it is none of the others. */
    static ModelKind of(Collection<String> names) {
        return List.of(values()).stream()
                .filter(kind -> kind.isOf(names))
                .findFirst()
                .orElse(UNKNOWN);
    }

    /** What it is, with an article. */
    String description() {
        return description;
    }

    /** What the shapes tell further, and which tools load it; a line each. */
    List<String> details(SafetensorsFile file) {
        String loaded = "loaded by: " + tools;
        String detail = detail(file);
        return detail.isEmpty() ? List.of(loaded) : List.of(detail, loaded);
    }

    private String detail(SafetensorsFile file) {
        return switch (this) {
            case SINGLE_FILE -> "parts in the file: " + String.join(", ", TensorGroup.parts(file.names()));
            case UNET, UNET_ORIGINAL -> family(width(file, ".attn2.to_k.weight"));
            case VAE, VAE_ORIGINAL -> "latent channels: " + width(file, "decoder.conv_in.weight");
            case CLIP_TEXT -> "width: " + width(file, "text_model.embeddings.token_embedding.weight");
            case T5 -> "width: " + width(file, "SelfAttention.q.weight");
            case SD3 -> "text embedding width: " + width(file, "context_embedder.weight") + sd3Variant(file);
            case FLUX -> "text embedding width: " + width(file, "context_embedder.weight") + fluxVariant(file);
            default -> "";
        };
    }

    /** The shards of a transformer each have blocks, and all blocks have the norms or none. */
    private static String sd3Variant(SafetensorsFile file) {
        boolean normalised = file.names().stream().anyMatch(name -> name.endsWith(".attn.norm_q.weight"));
        return normalised ? ", queries and keys normalised (as SD3.5)" : "";
    }

    private static String fluxVariant(SafetensorsFile file) {
        boolean scaled = file.names().stream().anyMatch(name -> name.startsWith("time_text_embed.guidance_embedder."));
        return scaled ? ", conditioned on the guidance scale (as FLUX.1 dev)" : "";
    }

    private static String family(long width) {
        String family = switch ((int) width) {
            case 768 -> " (as Stable Diffusion 1.x)";
            case 1024 -> " (as Stable Diffusion 2.x)";
            case 2048 -> " (as Stable Diffusion XL)";
            default -> "";
        };
        return width == 0 ? "no cross-attention" : "text embedding width: " + width + family;
    }

    /** The second dimension of the first tensor whose name ends so; 0 if there is none. */
    private static long width(SafetensorsFile file, String nameEnd) {
        return file.entries().stream()
                .filter(entry -> entry.name().endsWith(nameEnd))
                .map(entry -> entry.shape())
                .filter(shape -> shape.dimension() >= 2)
                .mapToLong((Shape shape) -> shape.get(1))
                .findFirst()
                .orElse(0);
    }
}
