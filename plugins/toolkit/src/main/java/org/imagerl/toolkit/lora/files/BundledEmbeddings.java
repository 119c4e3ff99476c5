package org.imagerl.toolkit.lora.files;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.imagerl.spi.text.Quote;

/**
 * Embeddings of words of prompts that OneTrainer puts into the file of an adapter, {@code bundle_emb.WORD...}. They are no part of the adapter and are
 * not read.
 */
final class BundledEmbeddings {
    private static final String PREFIX = "bundle_emb.";

    private BundledEmbeddings() {}

    /** Whether a tensor belongs to one. */
    static boolean isOf(String tensor) {
        return tensor.startsWith(PREFIX);
    }

    /** One line for people if there are any among these tensors. */
    static List<String> note(Collection<String> tensors) {
        TreeSet<String> words = new TreeSet<>();
        tensors.stream()
                .filter(BundledEmbeddings::isOf)
                .forEach(name ->
                        words.add(Quote.of(name.substring(PREFIX.length()).split("\\.", 2)[0])));
        return words.isEmpty()
                ? List.of()
                : List.of("embeddings of " + words.size() + " words of prompts ("
                        + String.join(", ", words.stream().limit(5).toList()) + (words.size() > 5 ? ", ..." : "")
                        + "): not read by imagerl, for which they are ordinary text");
    }
}
