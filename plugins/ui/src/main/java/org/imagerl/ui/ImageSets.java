package org.imagerl.ui;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.imagerl.images.PngText;
import org.imagerl.spi.UserException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Sets of images of the same prompts and seeds: a set per epoch. */
interface ImageSets {
    /** Of a text of an image. */
    int MAX_CHARACTERS = 2000;

    /** Titles by key, in the order of time. */
    SortedMap<Long, String> titles();

    /** The files of a set by name; none if there is no such set. */
    Map<String, Path> files(long key);

    /** What the page receives about a set. */
    default ArrayNode json(String set) {
        ArrayNode images = Json.array();
        key(set).ifPresent(key -> files(key).forEach((name, file) -> images.add(image(name, file))));
        return images;
    }

    /** The file of an image. */
    default Optional<Path> find(String set, String name) {
        return key(set).map(key -> files(key).get(name));
    }

    private static ObjectNode image(String name, Path file) {
        ObjectNode image = Json.object().put("name", name);
        try {
            Map<String, String> texts = PngText.read(file);
            for (String key : new String[] {"prompt", "seed", "reward"}) {
                if (texts.containsKey(key)) {
                    image.put(key, shortened(texts.get(key)));
                }
            }
        } catch (UserException e) {
            image.put("problem", e.getMessage());
        }
        return image;
    }

    /** A PNG file may have megabytes of text. */
    private static String shortened(String text) {
        return text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "…" : text;
    }

    private static Optional<Long> key(String set) {
        return set.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(set)) : Optional.empty();
    }
}
