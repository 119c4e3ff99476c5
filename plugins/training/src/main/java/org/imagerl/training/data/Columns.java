package org.imagerl.training.data;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table of examples.
 *
 * @param prompt names of the column of the prompt, the first that a row has counts
 * @param images for each image of an example: names of its column in the same way
 * @param advantages of each image
 */
record Columns(List<String> prompt, List<List<String>> images, List<Double> advantages) {
    static final String SPLIT = "split";

    /** A prompt and an image that answers it well; Hugging Face's {@code metadata.jsonl} calls them {@code text} and {@code file_name}. */
    static final Columns DEMONSTRATIONS =
            new Columns(List.of("prompt", "text"), List.of(List.of("image", "file_name")), List.of(1.0));

    /** A prompt and two images, of which the first is preferred. */
    static final Columns PAIRS =
            new Columns(List.of("prompt"), List.of(List.of("chosen"), List.of("rejected")), List.of(1.0, -1.0));

    /** All names. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(prompt);
        images.forEach(names::addAll);
        names.add(SPLIT);
        return names;
    }

    /** The columns that a header lacks, by the name that they should have. */
    List<String> missing(List<String> header) {
        List<String> missing = new ArrayList<>();
        if (prompt.stream().noneMatch(header::contains)) {
            missing.add(prompt.get(0));
        }
        for (List<String> image : images) {
            if (image.stream().noneMatch(header::contains)) {
                missing.add(image.get(0));
            }
        }
        return missing;
    }

    /** Takes the value of a column out of a row. */
    static @Nullable String take(Map<String, String> fields, List<String> names) {
        for (String name : names) {
            String value = fields.remove(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }
}
