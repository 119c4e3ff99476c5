package org.imagerl.flow.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A T5 of a few thousand weights, with a tokenizer that knows "a", "cat" and "s". */
public final class TinyT5 {
    /** Tokens of the tokenizer. */
    public static final int VOCABULARY = 7;

    private static final List<String> TOKENS = List.of("<pad>", "</s>", "<unk>", "\u2581a", "\u2581cat", "s", "\u2581");

    private TinyT5() {}

    /** Writes {@code tokenizer.json}, a Unigram model as T5's. */
    public static void writeTokenizer(Path folder) throws IOException {
        Files.createDirectories(folder);
        StringBuilder vocabulary = new StringBuilder();
        for (int i = 0; i < TOKENS.size(); i++) {
            vocabulary
                    .append(i == 0 ? "" : ",")
                    .append("[\"")
                    .append(TOKENS.get(i))
                    .append("\",")
                    .append(-i)
                    .append("]");
        }
        String space =
                "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"always\",\"split\":true}";
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"added_tokens\":[" + special(0)
                        + "," + special(1) + "," + special(2) + "],\"pre_tokenizer\":" + space + ",\"decoder\":" + space
                        + ",\"model\":{\"type\":\"Unigram\",\"unk_id\":2,\"vocab\":[" + vocabulary + "]}}");
    }

    private static String special(int id) {
        return "{\"id\":" + id + ",\"content\":\"" + TOKENS.get(id)
                + "\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}";
    }
}
