package org.imagerl.hub.tokenizer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.hub.JsonValues;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/** Reads {@code vocab.json} and {@code merges.txt}. */
final class VocabularyFiles {
    static final int MAX_ID = (1 << 24) - 1;
    private static final int MAX_BYTES = 16 << 20;

    /** CLIPTokenizer reads no more merges than the published vocabulary has, 49152 - 256 - 2. */
    private static final int MAX_MERGES = 48_894;

    private VocabularyFiles() {}

    /** Token to id. */
    static Map<String, Integer> vocabulary(Path file) {
        JsonNode root = StrictJson.value(file, BoundedFile.read(file, MAX_BYTES));
        Map<String, Integer> vocabulary = new HashMap<>();
        Set<Integer> ids = new HashSet<>();
        root.forEachEntry((token, id) -> {
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0 || id.intValue() > MAX_ID) {
                throw UserException.input(file + ": token " + Quote.of(token) + " has the id " + JsonValues.shown(id)
                        + "; expected 0 to " + MAX_ID);
            }
            if (!ids.add(id.intValue())) {
                throw UserException.input(
                        file + ": token " + Quote.of(token) + " has the id " + id + " of another token");
            }
            vocabulary.put(token, id.intValue());
        });
        if (vocabulary.isEmpty()) {
            throw UserException.input(file + ": expected a JSON object of token ids");
        }
        return vocabulary;
    }

    /** Pairs to merge, the most urgent first; the first line of the file is a version and is not read. */
    static List<List<String>> merges(Path file) {
        String text = BoundedFile.text(file, MAX_BYTES);
        List<String> lines = text.strip().lines().toList();
        List<List<String>> merges = new ArrayList<>();
        for (int i = 1; i < lines.size() && merges.size() < MAX_MERGES; i++) {
            List<String> pair = List.of(lines.get(i).strip().split("\\s+"));
            if (pair.size() != 2) {
                throw UserException.input(
                        file + ":" + (i + 1) + ": expected two tokens, not " + Quote.of(lines.get(i)));
            }
            merges.add(pair);
        }
        return merges;
    }
}
