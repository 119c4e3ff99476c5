package org.imagerl.toolkit.lora.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** Reads adapters in whatever layout they come, and writes them in the one that is asked for. */
public final class LoraFiles {
    private LoraFiles() {}

    /**
     * Reads an adapter; the layout is found out.
     *
     * @param path a {@code .safetensors} file, or a folder with one, or a PEFT folder
     * @param base the layers of the model it is for; needed for kohya's layout, {@link BaseModules#unknown} will do otherwise
     * @throws UserException if it is no adapter, of a kind that is not supported, damaged, or for another model
     */
    public static LoraWeights read(Path path, BaseModules base) {
        if (Files.isDirectory(path) && !PeftLayout.folders(path).isEmpty()) {
            return PeftLayout.read(path, base);
        }
        Path file = file(path);
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return switch (layout(opened)) {
                case DIFFUSERS -> DiffusersLayout.read(opened, base);
                case KOHYA -> KohyaLayout.read(opened, base);
                case PEFT -> PeftLayout.read(peftFolder(file), base);
            };
        }
    }

    /**
     * The files that {@link #read} takes an adapter from.
     *
     * @throws UserException if a folder has none, or several
     */
    public static List<Path> files(Path path) {
        List<Path> folders = Files.isDirectory(path) ? PeftLayout.folders(path) : List.of();
        if (folders.isEmpty()) {
            Path file = file(path);
            Path config = file.resolveSibling(PeftLayout.CONFIG_NAME); // of a PEFT weight file that is named itself
            return Stream.of(file, config).filter(Files::isRegularFile).toList();
        }
        return folders.stream()
                .flatMap(folder ->
                        Stream.of(PeftLayout.CONFIG_NAME, PeftLayout.FILE_NAME).map(folder::resolve))
                .filter(Files::isRegularFile)
                .toList();
    }

    /**
     * What of an adapter is not read, a line each; usually nothing.
     *
     * @param path as {@link #read} takes it
     */
    public static List<String> notes(Path path) {
        if (Files.isDirectory(path) && !PeftLayout.folders(path).isEmpty()) {
            return List.of();
        }
        try (SafetensorsFile file = SafetensorsFile.open(file(path))) {
            return BundledEmbeddings.note(file.names());
        }
    }

    /**
     * The layout of an adapter file.
     *
     * @throws UserException if it is no adapter, or of a kind that is not supported
     */
    static LoraLayout layout(SafetensorsFile file) {
        return LoraLayout.of(file.names())
                .orElseThrow(() -> UserException.input(file.path() + ": "
                        + UnsupportedAdapters.in(file)
                                .map(UnsupportedAdapters::message)
                                .orElse("this is no LoRA file, but "
                                        + ModelKind.of(file).description())));
    }

    /** The adapter file of a folder: the one that diffusers would take, or the only one. */
    static Path file(Path path) {
        if (!Files.isDirectory(path)) {
            return path;
        }
        Path known = path.resolve(DiffusersLayout.FILE_NAME);
        if (Files.exists(known)) {
            return known;
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(path, "*.safetensors")) {
            found.forEach(files::add);
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
        if (files.size() != 1) {
            throw UserException.input(path + ": has " + files.size() + " .safetensors files and neither "
                    + PeftLayout.CONFIG_NAME + " nor " + DiffusersLayout.FILE_NAME + ": name the LoRA file itself");
        }
        return files.get(0);
    }

    private static Path peftFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        boolean whole = folder != null && PeftLayout.isSingle(folder) && file.endsWith(PeftLayout.FILE_NAME);
        if (folder == null || !whole) {
            throw UserException.input(file + ": is the weight file of a PEFT adapter; its alpha is in the "
                    + PeftLayout.CONFIG_NAME + " that belongs beside it: put both into one folder, the weights as "
                    + PeftLayout.FILE_NAME);
        }
        return folder;
    }

    /**
     * Writes diffusers' layout, with the configuration in the metadata.
     *
     * @param target a {@code .safetensors} file, or a folder, in which it becomes {@code pytorch_lora_weights.safetensors}
     * @param dtype F32 or F16
     * @return the file written
     * @throws UserException if it cannot be written, or F16 cannot hold a value; then nothing is left behind
     */
    public static Path writeDiffusers(Path target, LoraWeights weights, DType dtype) {
        Path file = isFileName(target) ? target : target.resolve(DiffusersLayout.FILE_NAME);
        DiffusersLayout.write(file, weights, dtype);
        return file;
    }

    /**
     * Writes kohya's layout.
     *
     * @param file a {@code .safetensors} file
     * @param dtype F32 or F16
     * @param info what is known of the training: keys that begin with {@code ss_} ({@code ss_base_model_version},
     *     {@code ss_output_name}, {@code ss_learning_rate}, {@code ss_seed}, ...); network module, dim and alpha are added
     * @param base the layers of the model it is for: they tell SD3 from FLUX, and how many text encoders there are; with
     *     {@link BaseModules#unknown} the adapter must tell
     * @throws UserException as {@link #writeDiffusers}, or if a layer has no name in this layout or nothing tells the family
     */
    public static void writeKohya(
            Path file, LoraWeights weights, DType dtype, Map<String, String> info, BaseModules base) {
        info.keySet().stream()
                .filter(key -> !key.startsWith(KohyaLayout.METADATA))
                .findFirst()
                .ifPresent(key -> {
                    throw new IllegalArgumentException("metadata of this layout begins with ss_: " + key);
                });
        KohyaLayout.write(file, weights, dtype, info, base);
    }

    /**
     * Writes a PEFT folder; for several components a folder of that name for each.
     *
     * @param dtype F32 or F16
     * @throws UserException as {@link #writeDiffusers}
     */
    public static void writePeft(Path folder, LoraWeights weights, DType dtype) {
        PeftLayout.write(folder, weights, dtype);
    }

    private static boolean isFileName(Path target) {
        return target.toString().endsWith(".safetensors");
    }
}
