package org.imagerl.toolkit.original;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.spi.lora.TensorFile;

/**
 * What kind of model the tensors of a file are, by names and shapes that only it has. The table of kinds is the resource
 * {@code model-kinds.txt}; its marks are those by which diffusers ({@code infer_diffusers_model_type}) and ComfyUI
 * ({@code model_detection.py}) know the models.
 *
 * @param loads whether imagerl loads such a file as a checkpoint, if it is whole
 * @param what it is, with an article where it has one
 * @param marks ways to know it, each a list of marks that must all be there
 * @param tools that load it
 * @param instead what to do with a file that is no checkpoint here
 * @param detail which fact the shapes tell further; empty for none
 */
public record ModelKind(
        boolean loads, String what, List<List<Mark>> marks, String tools, String instead, String detail) {
    private static final ModelKind UNKNOWN =
            new ModelKind(false, "a file of tensors of no kind that is known here", List.of(), "unknown", "", "");
    private static final List<ModelKind> TABLE = table();
    private static final String DENOISER = "model.diffusion_model.";
    private static final String NET = "net.";

    /** Keeps its own copy of the marks. */
    public ModelKind {
        marks = List.copyOf(marks);
    }

    /**
     * What tells a kind.
     *
     * @param name the beginning of a tensor's name, with or without a prefix; {@code tensors=N}: the file has N tensors
     * @param dimension of which the size is asked; below 0: none
     * @param size that it must have
     */
    private record Mark(String name, int dimension, long size) {
        private static final Pattern SIZED = Pattern.compile("(.*)\\[(\\d)]=(\\d+)");
        private static final String COUNT = "tensors=";

        static Mark of(String written) {
            Matcher sized = SIZED.matcher(written);
            return sized.matches()
                    ? new Mark(sized.group(1), Integer.parseInt(sized.group(2)), Long.parseLong(sized.group(3)))
                    : new Mark(written, -1, 0);
        }

        boolean isIn(TensorFile file) {
            return name.startsWith(COUNT)
                    ? file.names().size() == Integer.parseInt(name.substring(COUNT.length()))
                    : file.names().stream().anyMatch(found -> fits(file, found));
        }

        private boolean fits(TensorFile file, String found) {
            boolean named = found.startsWith(name) || isBehind(DENOISER, found) || isBehind(NET, found);
            return named && (dimension < 0 || hasSize(file.shape(found)));
        }

        private boolean isBehind(String prefix, String found) {
            return found.startsWith(prefix) && found.startsWith(name, prefix.length());
        }

        private boolean hasSize(Shape shape) {
            return dimension < shape.dimension() && shape.get(dimension) == size;
        }
    }

    private static List<ModelKind> table() {
        try (InputStream in = ModelKind.class.getResourceAsStream("model-kinds.txt")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(ModelKind::row)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelKind row(String line) {
        String[] cells = line.split("\\|", -1);
        List<List<Mark>> marks = Stream.of(cells[2].split(" ; "))
                .map(way -> Stream.of(way.split(" ")).map(Mark::of).toList())
                .toList();
        return new ModelKind(cells[0].equals("loads"), cells[1], marks, cells[3], cells[4], cells[5]);
    }

    /** The kind of a file. */
    public static ModelKind of(TensorFile file) {
        return TABLE.stream().filter(kind -> kind.isIn(file)).findFirst().orElse(UNKNOWN);
    }

    private boolean isIn(TensorFile file) {
        return marks.stream().anyMatch(way -> way.stream().allMatch(mark -> mark.isIn(file)));
    }

    /** Whether it is one of the table. */
    public boolean isKnown() {
        return !equals(UNKNOWN);
    }

    /** Whether it is known to be another thing than a checkpoint that imagerl loads. */
    public boolean isOther() {
        return isKnown() && !loads;
    }

    /** What to say, after "is", of a file that was named as a checkpoint and is none; empty if it is of no known kind. */
    public Optional<String> asCheckpoint() {
        String remedy = instead.isEmpty() ? "it is not supported: take one of SD 1.x, 2.x, XL, 3 or FLUX.1" : instead;
        return isKnown() ? Optional.of(what + "; " + remedy) : Optional.empty();
    }

    /** What the shapes tell further, and which tools load it; a line each. */
    public List<String> details(TensorFile file) {
        String loaded = "loaded by: " + tools;
        String fact = fact(file);
        return fact.isEmpty() ? List.of(loaded) : List.of(fact, loaded);
    }

    private String fact(TensorFile file) {
        return switch (detail) {
            case "parts" -> "parts in the file: " + String.join(", ", TensorGroup.parts(file.names()));
            case "unet" -> family(width(file, ".attn2.to_k.weight"));
            case "vae" -> "latent channels: " + width(file, "decoder.conv_in.weight");
            case "clip" -> "width: " + width(file, "text_model.embeddings.token_embedding.weight");
            case "t5" -> "width: " + width(file, "SelfAttention.q.weight");
            case "sd3" -> "text embedding width: " + width(file, "context_embedder.weight") + sd3Variant(file);
            case "flux" -> "text embedding width: " + width(file, "context_embedder.weight") + fluxVariant(file);
            default -> "";
        };
    }

    /** The shards of a transformer each have blocks, and all blocks have the norms or none. */
    private static String sd3Variant(TensorFile file) {
        boolean normalised = file.names().stream().anyMatch(name -> name.endsWith(".attn.norm_q.weight"));
        return normalised ? ", queries and keys normalised (as SD3.5)" : "";
    }

    private static String fluxVariant(TensorFile file) {
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
    private static long width(TensorFile file, String nameEnd) {
        return file.names().stream()
                .filter(name -> name.endsWith(nameEnd))
                .map(file::shape)
                .filter(shape -> shape.dimension() >= 2)
                .mapToLong((Shape shape) -> shape.get(1))
                .findFirst()
                .orElse(0);
    }
}
