package org.imagerl.toolkit.safetensors;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.imagerl.spi.UserException;

/** Files that are taken for safetensors but are something else, each with what to do about it. */
final class ForeignFormat {
    private static final List<String> PICKLE_SUFFIXES = List.of(".bin", ".ckpt", ".pt", ".pth");
    /** The opcode PROTO and the protocol. */
    private static final List<String> PICKLE_STARTS = List.of("\u0080\2", "\u0080\3", "\u0080\4", "\u0080\5");

    private static final String PICKLE_REMEDY =
            " is a Python pickle, which can run any program when it is opened, and is never read here: take the"
                    + " .safetensors file of the same model, or convert it on a machine where you trust it: a diffusers"
                    + " folder with DiffusionPipeline.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER,"
                    + " safe_serialization=True), a single .ckpt with diffusers'"
                    + " scripts/convert_original_stable_diffusion_to_diffusers.py, any other file with"
                    + " safetensors.torch.save_file(torch.load(FILE, weights_only=True), NEW_FILE)";

    private ForeignFormat() {}

    /** Whether the name is that of a PyTorch pickle: .bin, .ckpt, .pt or .pth. */
    public static boolean isPickle(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return PICKLE_SUFFIXES.stream().anyMatch(name::endsWith);
    }

    /** What to answer when a pickle is met: the reason and the tools that convert it. */
    public static UserException pickle(Path file) {
        return UserException.input(file + ":" + PICKLE_REMEDY);
    }

    /**
     * Recognises other formats by their first bytes, where these are no possible length of a header.
     *
     * @param head the first bytes of the file, up to 8
     * @throws UserException if they are those of a pickle, a zip, a GGUF file, a Git LFS pointer, a web page, an image or a text
     */
    static void refuse(String where, byte[] head) {
        String first = new String(head, StandardCharsets.ISO_8859_1);
        remedy(first).or(() -> text(where, first)).ifPresent(remedy -> {
            throw UserException.input(where + ":" + remedy);
        });
    }

    /** The first eight bytes of a safetensors file are the length of its header, of which the last are zero. */
    private static Optional<String> text(String where, String head) {
        if (head.length() < SafetensorsHeader.LENGTH_BYTES || !head.chars().allMatch(ForeignFormat::isOfText)) {
            return Optional.empty();
        }
        return Optional.of(
                where.endsWith(".yaml") || where.endsWith(".yml")
                        ? " is a text, not weights; if it is a configuration, imagerl config check reads it"
                        : " is a text, not weights; name the .safetensors file or the folder of the model");
    }

    private static boolean isOfText(int c) {
        return (c >= ' ' && c != 0x7f) || c == '\n' || c == '\r' || c == '\t';
    }

    private static Optional<String> remedy(String head) {
        if (head.startsWith("PK\3\4") || PICKLE_STARTS.stream().anyMatch(head::startsWith)) {
            return Optional.of(PICKLE_REMEDY);
        }
        if (head.startsWith("\u0089PNG") || head.startsWith("\u00ff\u00d8\u00ff")) {
            return Optional.of(" is an image, not weights; name the .safetensors file or the folder of the model");
        }
        if (head.startsWith("GGUF")) {
            return Optional.of(" is a GGUF file; take the safetensors file of the model");
        }
        if (head.startsWith("version ")) {
            return Optional.of(" is a Git LFS pointer, not the weights themselves: run `git lfs pull` in its folder");
        }
        if (head.startsWith("<!") || head.startsWith("<html")) {
            return Optional.of(
                    " is a web page, not weights: the download was refused; look into it and download again");
        }
        return Optional.empty();
    }
}
