package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.original.ModelKind;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsFiles;

/** Reads adapters in whatever layout they come, and writes them in the one that is asked for. */
public final class LoraFiles {
    private static final LoraLayout RUNS = new DiffusersLayout();
    static final TensorFiles FILES = new SafetensorsFiles();

    private final List<LoraLayout> layouts;

    private LoraFiles(List<LoraLayout> layouts) {
        this.layouts = layouts;
    }

    /** In the layouts that are on board. */
    public static LoraFiles builtIn() {
        return new LoraFiles(new LoraPlugin().loraLayouts());
    }

    /** In these layouts, which are all that are known; in those on board if nothing is known. */
    public static LoraFiles in(List<LoraLayout> layouts) {
        return layouts.isEmpty() ? builtIn() : new LoraFiles(List.copyOf(layouts));
    }

    /**
     * Reads an adapter; the layout is found out.
     *
     * @param path a {@code .safetensors} file, or a folder with one, or a folder of a layout that has folders
     * @param base the layers of the model it is for; needed for kohya's layout, {@link BaseModules#unknown} will do otherwise
     * @throws UserException if it is no adapter, of a kind that is not supported, damaged, or for another model
     */
    public LoraWeights read(Path path, BaseModules base) {
        Optional<LoraLayout> folder = ofFolder(path);
        if (folder.isPresent()) {
            return read(folder.get(), path, base);
        }
        Path file = file(path);
        return read(layout(file), file, base);
    }

    /** What a layout makes of a stranger's file has layers of components that are known, whoever wrote the layout. */
    private static LoraWeights read(LoraLayout layout, Path path, BaseModules base) {
        try {
            LoraWeights weights = layout.read(path, base.weights(), FILES);
            weights.pairs().keySet().forEach(Component::of);
            return weights;
        } catch (IllegalArgumentException e) {
            throw UserException.input(
                    path + ": is no adapter in " + layout.name() + " layout that can be used: "
                            + Quote.lines(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private LoraLayout layout(Path path) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return layout(file)
                    .orElseThrow(() -> UserException.input(path + ": "
                            + UnsupportedAdapters.in(file)
                                    .map(UnsupportedAdapters::message)
                                    .orElse("this is no LoRA file, but "
                                            + ModelKind.of(file).what())));
        }
    }

    /**
     * The layout of a file; empty if it is in none.
     *
     * @throws UserException if it is in several
     */
    Optional<LoraLayout> layout(SafetensorsFile file) {
        List<LoraLayout> found = layouts.stream()
                .filter(layout -> layout.recognises(file.names()))
                .toList();
        List<LoraLayout> particular =
                found.stream().filter(layout -> !layout.general()).toList();
        if (particular.size() > 1) {
            throw UserException.input(file.path() + ": has tensors of adapters in several layouts ("
                    + String.join(
                            ", ", particular.stream().map(LoraLayout::name).toList())
                    + "), expected one adapter; write it anew with the tool that made it");
        }
        return Stream.concat(particular.stream(), found.stream()).findFirst();
    }

    /** The layout of which the path is a folder; empty if it is none. */
    Optional<LoraLayout> ofFolder(Path path) {
        return Files.isDirectory(path)
                ? layouts.stream()
                        .filter(layout -> !layout.files(path).isEmpty())
                        .findFirst()
                : Optional.empty();
    }

    /**
     * The files that {@link #read} takes an adapter from.
     *
     * @throws UserException if a folder has none, or several
     */
    public List<Path> files(Path path) {
        Optional<LoraLayout> folder = ofFolder(path);
        if (folder.isPresent()) {
            return folder.get().files(path);
        }
        Path file = file(path);
        return layouts.stream()
                .flatMap(layout -> layout.files(file).stream())
                .distinct()
                .toList();
    }

    /**
     * What of an adapter is not read, a line each; usually nothing.
     *
     * @param path as {@link #read} takes it
     */
    public List<String> notes(Path path) {
        if (ofFolder(path).isPresent()) {
            return List.of();
        }
        try (SafetensorsFile file = SafetensorsFile.open(file(path))) {
            return BundledEmbeddings.note(file.names());
        }
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
        List<Path> files;
        try (Stream<Path> found = Folders.entries(path)) {
            files = found.filter(file -> file.toString().endsWith(".safetensors"))
                    .toList();
        } catch (IOException problem) {
            throw IoProblems.reading(path, problem);
        }
        if (files.isEmpty()) {
            throw UserException.input(path + ": has no LoRA: no .safetensors file; name the folder or the file of one");
        }
        if (files.size() != 1) {
            throw UserException.input(path + ": has " + files.size() + " .safetensors files and neither "
                    + PeftLayout.CONFIG_NAME + " nor " + DiffusersLayout.FILE_NAME + ": name the LoRA file itself");
        }
        return files.get(0);
    }

    /**
     * Writes an adapter in a layout.
     *
     * @param target as {@link LoraLayout#write} takes it
     * @param base the layers of the model it is for; with {@link BaseModules#unknown} the adapter must tell where the layout asks
     * @param dtype FLOAT32 or FLOAT16
     * @throws UserException if it cannot be written, FLOAT16 cannot hold a value, or the layout has no name for a layer
     */
    public static void write(LoraLayout layout, Path target, LoraWeights weights, BaseModules base, DataType dtype) {
        layout.write(target, weights, new LoraLayout.Writing(dtype, base.weights()), FILES);
    }

    /**
     * Writes the file of a run: diffusers' layout, with the configuration in the metadata, in float32.
     *
     * @param folder gets {@code pytorch_lora_weights.safetensors}
     * @return the file written
     * @throws UserException if it cannot be written; then nothing is left behind
     */
    public static Path writeRun(Path folder, LoraWeights weights) {
        Path file = folder.resolve(DiffusersLayout.FILE_NAME);
        write(RUNS, file, weights, BaseModules.unknown(), DataType.FLOAT32);
        return file;
    }
}
