package org.imagerl.toolkit.safetensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the weights of one model into a folder as diffusers and transformers do: one file {@code STEM.safetensors}, or, above
 * a size, {@code STEM-00001-of-0000N.safetensors} and {@code STEM.safetensors.index.json}. All of it or nothing.
 */
public final class WeightFilesWriter {
    /** Without this transformers refuses to load a file. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private WeightFilesWriter() {}

    /**
     * Writes weights into a folder that has none of that stem yet.
     *
     * @param folder the folder; made if missing
     * @param stem {@code diffusion_pytorch_model} for denoisers and VAEs, {@code model} for text encoders
     * @param tensors in any order; their contents are asked for one after the other
     * @param maxShardBytes no shard is larger, unless it is one tensor that is
     * @throws UserException if the folder has weights of that stem already, the disk is full, or it cannot be written
     */
    public static void write(Path folder, String stem, Collection<TensorSource> tensors, long maxShardBytes) {
        refuseExisting(folder, stem);
        List<List<TensorSource>> shards = split(tensors, maxShardBytes);
        if (shards.size() == 1) {
            SafetensorsWriter.write(folder.resolve(stem + ".safetensors"), shards.get(0), METADATA);
        } else {
            writeShards(folder, stem, shards);
        }
    }

    private static void refuseExisting(Path folder, String stem) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> there = Folders.entries(folder)) {
            there.filter(file -> isOf(stem, file)).findFirst().ifPresent(file -> {
                throw UserException.input(file + ": is there already; write the weights into another folder");
            });
        } catch (IOException problem) {
            throw IoProblems.reading(folder, problem);
        }
    }

    private static boolean isOf(String stem, Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(stem) && name.contains(".safetensors");
    }

    /** At least one shard, each filled in the order of the names until the next tensor would be too much. */
    private static List<List<TensorSource>> split(Collection<TensorSource> tensors, long maxShardBytes) {
        List<List<TensorSource>> shards = new ArrayList<>();
        shards.add(new ArrayList<>());
        long bytes = 0;
        for (TensorSource tensor : sorted(tensors)) {
            if (bytes > 0 && bytes + tensor.bytes() > maxShardBytes) {
                shards.add(new ArrayList<>());
                bytes = 0;
            }
            shards.get(shards.size() - 1).add(tensor);
            bytes += tensor.bytes();
        }
        return shards;
    }

    private static Collection<TensorSource> sorted(Collection<TensorSource> tensors) {
        TreeMap<String, TensorSource> byName = new TreeMap<>();
        for (TensorSource tensor : tensors) {
            if (byName.put(tensor.name(), tensor) != null) {
                throw new IllegalArgumentException("two tensors are named " + Quote.of(tensor.name()));
            }
        }
        return byName.values();
    }

    private static void writeShards(Path folder, String stem, List<List<TensorSource>> shards) {
        List<AtomicFile> staged = new ArrayList<>();
        try {
            Map<String, String> shardOf = new TreeMap<>();
            for (int i = 0; i < shards.size(); i++) {
                String name = shardName(stem, i, shards.size());
                staged.add(SafetensorsWriter.stage(folder.resolve(name), shards.get(i), METADATA));
                shards.get(i).forEach(tensor -> shardOf.put(tensor.name(), name));
            }
            // Readers look for the index: it comes last.
            staged.add(AtomicFile.stageText(folder.resolve(stem + ".safetensors.index.json"), index(shards, shardOf)));
            staged.forEach(AtomicFile::commit);
        } finally {
            staged.forEach(AtomicFile::close);
        }
    }

    private static String shardName(String stem, int index, int count) {
        return String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", stem, index + 1, count);
    }

    private static String index(List<List<TensorSource>> shards, Map<String, String> shardOf) {
        long total = shards.stream()
                .flatMap(List::stream)
                .mapToLong(TensorSource::bytes)
                .sum();
        ObjectNode index = StrictJson.newObject();
        index.putObject("metadata").put("total_size", total);
        ObjectNode map = index.putObject("weight_map");
        shardOf.forEach(map::put);
        return StrictJson.indented(index) + "\n";
    }
}
