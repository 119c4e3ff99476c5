package org.imagerl.spark.score;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.HashMap;
import org.imagerl.scoring.ImageItem;
import org.jspecify.annotations.Nullable;

/**
 * An {@link ImageItem} on its way to an executor.
 *
 * @param file its absolute path on the driver's machine
 * @param prompt that a list or an option gives it; null without
 * @param source of that prompt
 */
record Listed(String name, String file, @Nullable String prompt, String source, HashMap<String, String> fields)
        implements Serializable {

    static Listed of(ImageItem item) {
        ImageItem.Given given = item.given();
        return new Listed(
                item.name(),
                item.file().toAbsolutePath().toString(),
                given == null ? null : given.text(),
                given == null ? "" : given.source(),
                new HashMap<>(item.fields()));
    }

    /** The same image in a file of this machine. */
    ImageItem at(Path place) {
        return new ImageItem(name, place, prompt == null ? null : new ImageItem.Given(prompt, source), fields);
    }
}
