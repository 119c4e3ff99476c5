package org.imagerl.toolkit.safetensors;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Count;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The index of weights that are split over several files ({@code *.index.json}, key {@code weight_map}).
 *
 * @param file the index, for messages
 * @param shardOf tensor name to the name of the file it is in, a file of the same folder
 */
record ShardIndex(Path file, Map<String, String> shardOf) {
    /** No separators, so that no name leads out of the folder. */
    private static final Pattern SHARD_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,250}\\.safetensors");

    /** Ten times as many as the largest published model has. */
    private static final int MAX_SHARDS = 1000;

    private static final int MAX_NAMED = 5;

    /** @throws UserException if the index is damaged or names a file that cannot be a shard of it */
    static ShardIndex read(Path file) {
        if (!(StrictJson.object(file).get("weight_map") instanceof ObjectNode map) || map.isEmpty()) {
            throw UserException.input(file + ": has no weight_map of tensor names to files: download it again");
        }
        Map<String, String> shardOf = new LinkedHashMap<>();
        map.properties()
                .forEach(entry -> shardOf.put(entry.getKey(), shardName(file, entry.getKey(), entry.getValue())));
        long shards = shardOf.values().stream().distinct().count();
        if (shards > MAX_SHARDS) {
            throw UserException.input(file + ": names " + shards + " files, expected at most " + MAX_SHARDS);
        }
        return new ShardIndex(file, shardOf);
    }

    private static String shardName(Path file, String key, JsonNode value) {
        String name = value.isString() ? value.stringValue() : value.toString();
        if (!SHARD_NAME.matcher(name).matches()) {
            throw UserException.input(file + ": weight_map " + Quote.of(key) + " names the file " + Quote.of(name)
                    + ", expected the plain name of a .safetensors file beside the index");
        }
        return name;
    }

    /** The names of the files, sorted. */
    Collection<String> shards() {
        return new TreeSet<>(shardOf.values());
    }

    /**
     * Checks that a shard has exactly the tensors that the index puts there.
     *
     * @throws UserException naming those that are not there and those that are too many
     */
    void check(String shard, SafetensorsFile file) {
        List<String> missing = shardOf.entrySet().stream()
                .filter(entry -> entry.getValue().equals(shard) && !file.has(entry.getKey()))
                .map(Map.Entry::getKey)
                .toList();
        List<String> unexpected = file.names().stream()
                .filter(name -> !shard.equals(shardOf.get(name)))
                .toList();
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw UserException.input(file.path() + ": does not have the tensors that " + this.file + " puts there"
                    + some("; missing: ", missing) + some("; unexpected: ", unexpected)
                    + "; index and shards are of different downloads: download all of them again");
        }
    }

    private static String some(String title, List<String> names) {
        return names.isEmpty()
                ? ""
                : title + Count.some(names.stream().map(Quote::of).toList(), MAX_NAMED);
    }
}
