package org.imagerl.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.imagerl.spi.io.Nearest;

/**
 * Finds what an unknown key was probably meant to be: a key beside it, a key elsewhere in the configuration, or a key
 * of ours that another tool names so.
 */
final class KeyHints {
    /** Keys that are listed; of more the {@value #NEAREST} nearest. */
    private static final int MAX_LISTED = 8;

    private static final int NEAREST = 3;

    private KeyHints() {}

    /**
     * The text behind "is not a key".
     *
     * @param known the keys that may stand there
     * @param whole the record of the whole file
     * @param foreign what other tools name as we do not: their names, {@link #folded}, and our paths
     */
    static String of(String key, Set<String> known, Class<?> whole, Map<String, String> foreign) {
        String beside = Nearest.hint(key, known);
        if (!beside.isEmpty()) {
            return beside;
        }
        List<String> elsewhere = new ArrayList<>();
        collect(whole, key, "", elsewhere);
        String ours = foreign.get(folded(key));
        if (elsewhere.isEmpty() && ours != null) {
            elsewhere.add(ours);
        }
        if (!elsewhere.isEmpty()) {
            return "; did you mean " + String.join(" or ", elsewhere) + "?";
        }
        if (known.isEmpty()) {
            return "; there are no keys here";
        }
        return known.size() <= MAX_LISTED
                ? "; the keys here are " + String.join(", ", known)
                : "; of the " + known.size() + " keys here the nearest are "
                        + String.join(", ", Nearest.few(key, known, NEAREST))
                        + " (imagerl config schema has all of a run, imagerl plugins TYPE those of a part)";
    }

    /** The paths in a record whose last key is the same word. */
    private static void collect(Class<?> type, String key, String path, List<String> found) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = Words.path(path, Words.snake(component.getName()));
            if (folded(Words.snake(component.getName())).equals(folded(key))) {
                found.add(name);
            } else if (component.getType().isRecord() && !Types.isPart(component.getType())) {
                collect(component.getType(), key, name, found);
            }
        }
    }

    private static String folded(String key) {
        return key.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
    }
}
