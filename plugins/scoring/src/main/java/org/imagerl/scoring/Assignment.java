package org.imagerl.scoring;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Sha256;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which images are scored for which prompts. Results of two assignments must not stand in one file: a row says only the name of its
 * image.
 */
final class Assignment {
    private final List<ImageItem> items;

    /** Rows that are there, by name and prompt. */
    private final Map<List<String>, Integer> done = new HashMap<>();

    private final Set<String> doneNames = new HashSet<>();

    Assignment(List<ImageItem> items) {
        this.items = items;
    }

    /** SHA-256 of the names, prompts and fields of all, in order; of prompts that images bring themselves, that they do. */
    String sha256() {
        StringBuilder hashes = new StringBuilder();
        for (ImageItem item : items) {
            ImageItem.Given given = item.given();
            String text = given == null ? null : given.text();
            List<@Nullable Object> all = Arrays.asList(item.name(), text, new TreeMap<>(item.fields()));
            hashes.append(Sha256.ofText(JsonMapper.shared().writeValueAsString(all)));
        }
        return Sha256.ofText(hashes.toString());
    }

    int size() {
        return items.size();
    }

    /** Takes a row that is there from before. */
    void done(ScoreRow row) {
        done.merge(List.of(row.name(), row.prompt()), 1, Integer::sum);
        doneNames.add(row.name());
    }

    /**
     * The images that have no row yet.
     *
     * @param file names the results in messages
     * @param prompts finds the prompt of an image
     * @param there takes what is known of the prompt of each image that has a row
     * @throws UserException if there are rows that are not of these images and prompts
     */
    List<ImageItem> left(String file, Function<ImageItem, ImageItem.Found> prompts, Consumer<ImageItem.Found> there) {
        List<ImageItem> left = items.stream()
                .filter(item -> !doneNames.contains(item.name()) || !take(item, prompts, there))
                .toList();
        done.keySet().stream().findFirst().ifPresent(row -> {
            throw UserException.input(file + ": has a score of " + Quote.of(row.get(0)) + " with the prompt "
                    + Quote.of(row.get(1))
                    + ", which is not what is to be scored now; resume with the images and prompts"
                    + " that it was begun with, delete the line, or score to another file");
        });
        return left;
    }

    private boolean take(
            ImageItem item, Function<ImageItem, ImageItem.Found> prompts, Consumer<ImageItem.Found> there) {
        ImageItem.Found found = prompts.apply(item);
        List<String> key = List.of(item.name(), found.prompt().text());
        if (!done.containsKey(key)) {
            return false;
        }
        done.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
        there.accept(found);
        return true;
    }
}
