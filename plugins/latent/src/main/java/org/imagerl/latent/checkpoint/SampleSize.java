package org.imagerl.latent.checkpoint;

import java.util.List;
import org.imagerl.hub.ConfigFile;
import tools.jackson.databind.JsonNode;

/** The key {@code sample_size}, which may be one number, a pair, {@code null} or absent. */
public final class SampleSize {
    private static final int MAX = 1 << 16;

    private SampleSize() {}

    /** Height and width; empty when the file does not say. */
    public static List<Integer> read(ConfigFile file) {
        JsonNode node = file.value("sample_size").orElse(null);
        return node == null ? List.of() : file.integerPerLevel("sample_size", 0, 1, MAX, 2);
    }
}
