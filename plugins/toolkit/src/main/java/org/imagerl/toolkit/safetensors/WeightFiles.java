package org.imagerl.toolkit.safetensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.text.Quote;

/** The weights of one model, in one file or in several with an index: with one interface for both. Thread-safe. */
public final class WeightFiles implements AutoCloseable {
    private final Path where;
    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> fileOf;

    private WeightFiles(Path where, List<SafetensorsFile> files) {
        this.where = where;
        this.files = List.copyOf(files);
        Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
        files.forEach(file -> file.names().forEach(name -> byName.put(name, file)));
        this.fileOf = Collections.unmodifiableMap(byName);
    }

    /**
     * Opens the weights of a folder: {@code STEM.safetensors}, or the shards of {@code STEM.safetensors.index.json}.
     *
     * @param folder the folder of one component of a checkpoint
     * @param stem {@code diffusion_pytorch_model} for denoisers and VAEs, {@code model} for text encoders
     * @param variant which files to take
     * @throws UserException if there are none, if there are only pickles or another variant, or if they are damaged
     */
    public static WeightFiles open(Path folder, String stem, WeightVariant variant) {
        Path single = folder.resolve(variant.fileName(stem));
        if (Files.exists(single)) {
            return new WeightFiles(single, List.of(SafetensorsFile.open(single)));
        }
        Path index = folder.resolve(variant.indexName(stem));
        if (Files.exists(index)) {
            return new WeightFiles(index, shards(folder, ShardIndex.read(index)));
        }
        throw none(folder, stem, variant);
    }

    /** Opens one file by its name. */
    public static WeightFiles single(Path file) {
        return new WeightFiles(file, List.of(SafetensorsFile.open(file)));
    }

    private static List<SafetensorsFile> shards(Path folder, ShardIndex index) {
        List<SafetensorsFile> opened = new ArrayList<>();
        try {
            for (String shard : index.shards()) {
                SafetensorsFile file = openShard(folder, shard, index);
                opened.add(file);
                index.check(shard, file);
            }
            return opened;
        } catch (RuntimeException problem) {
            opened.forEach(SafetensorsFile::close);
            throw problem;
        }
    }

    private static SafetensorsFile openShard(Path folder, String shard, ShardIndex index) {
        Path file = folder.resolve(shard);
        if (!Files.exists(file)) {
            throw UserException.input(
                    file + ": no such file, but " + index.file() + " needs it: download the missing shard");
        }
        return SafetensorsFile.open(file);
    }

    private static UserException none(Path folder, String stem, WeightVariant variant) {
        String expected = folder + ": has neither " + variant.fileName(stem) + " nor " + variant.indexName(stem);
        for (WeightVariant other : WeightVariant.values()) {
            if (Files.exists(folder.resolve(other.fileName(stem)))
                    || Files.exists(folder.resolve(other.indexName(stem)))) {
                return UserException.input(expected + ", only the variant " + other + ": ask for that variant");
            }
        }
        return pickles(folder).stream()
                .findFirst()
                .map(ForeignFormat::pickle)
                .orElseGet(() -> UserException.input(expected
                        + ": this is no folder of a checkpoint in diffusers layout, or its download is not complete"));
    }

    private static List<Path> pickles(Path folder) {
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.filter(ForeignFormat::isPickle).sorted().toList();
        } catch (IOException problem) {
            throw IoProblems.reading(folder, problem);
        }
    }

    /** The file, or the index of the files; for messages. */
    public Path where() {
        return where;
    }

    /** The files, in the order of their names. */
    public List<SafetensorsFile> files() {
        return files;
    }

    /** The names of all tensors. */
    public Collection<String> names() {
        return fileOf.keySet();
    }

    /**
     * The file that a tensor is in; ask it for the entry, the offset or the bytes.
     *
     * @throws UserException if there is no tensor of that name; the message has the nearest name
     */
    public SafetensorsFile file(String name) {
        SafetensorsFile file = fileOf.get(name);
        if (file == null) {
            throw UserException.input(
                    where + ": has no tensor " + Quote.of(name) + Nearest.hint(name, fileOf.keySet()));
        }
        return file;
    }

    /** Closes the files. */
    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
