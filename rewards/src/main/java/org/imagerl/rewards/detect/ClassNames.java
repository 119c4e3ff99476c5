package org.imagerl.rewards.detect;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the classes of a detector are called.
 *
 * @param place where that stands
 * @param file the same if it is a file of its own, else null: it is in the model then
 * @param names by index
 */
record ClassNames(String place, @Nullable Path file, List<String> names) {
    /** An entry with the brace or comma around it: a name in single quotes, or in double ones if it has an apostrophe. */
    private static final Pattern ENTRY =
            Pattern.compile("\\{?(\\d{1,6}): (?:'([^'\\\\]{1,200})'|\"([^\"\\\\]{1,200})\")(?:, |})");

    private static final int MAX_BYTES = 1 << 20;
    private static final int MOST = 100_000;
    private static final List<String> USUAL = List.of("classes.txt", "object_names.txt", "config.json");

    /** How GenEval calls three classes of COCO. */
    private static final Map<String, String> GENEVAL =
            Map.of("computer mouse", "mouse", "tv remote", "remote", "computer keyboard", "keyboard");

    /**
     * Reads a text file with a name per line, or {@code id2label} of a config.json, or what the exporter wrote into the model.
     *
     * @param given the name of the file in the folder; if null {@code classes.txt}, {@code object_names.txt}, {@code config.json}, else the model itself
     * @param metadata of the model; Ultralytics writes {@code names: {0: 'person', 1: 'bicycle'}} there
     * @throws UserException if there is none, or it does not say them
     */
    static ClassNames read(Path folder, @Nullable String given, Map<String, String> metadata) {
        for (String name : given == null ? USUAL : List.of(given)) {
            Path file = folder.resolve(name).normalize();
            if (!file.startsWith(folder.normalize())) {
                throw UserException.input(
                        folder + ": names is " + Quote.of(name) + "; it must be a file in this folder");
            }
            if (given != null || Files.isRegularFile(file)) {
                List<String> names = name.endsWith(".json") ? labels(file) : lines(file);
                if (names.isEmpty()) {
                    throw UserException.input(file + ": names no class; it must have a line per class of the model");
                }
                return new ClassNames(file.toString(), file, names);
            }
        }
        List<String> exported = exported(metadata.getOrDefault("names", ""));
        if (!exported.isEmpty()) {
            return new ClassNames("the metadata of the model", null, exported);
        }
        throw UserException.input(folder + ": does not say what the classes of the detector are called; put a file"
                + " classes.txt there with a name per line in the order of the model (for a model of COCO's 80 classes"
                + " GenEval's object_names.txt will do), or the config.json of the model with id2label");
    }

    /** The names in a dictionary as Python prints it, or none if it is not numbered from 0 on or has anything else. */
    private static List<String> exported(String dictionary) {
        List<String> names = new ArrayList<>();
        Matcher entry = ENTRY.matcher(dictionary);
        int end = 0;
        while (names.size() < MOST && entry.find() && entry.start() == end) {
            if (Integer.parseInt(entry.group(1)) != names.size()) {
                return List.of();
            }
            names.add(entry.group(2) == null ? entry.group(3) : entry.group(2));
            end = entry.end();
        }
        return end > 0 && end == dictionary.length() && dictionary.endsWith("}") ? List.copyOf(names) : List.of();
    }

    private static List<String> lines(Path file) {
        return BoundedFile.text(file, MAX_BYTES)
                .strip()
                .lines()
                .map(String::strip)
                .toList();
    }

    private static List<String> labels(Path file) {
        JsonNode labels = ConfigFile.read(file)
                .value("id2label")
                .orElseThrow(
                        () -> UserException.input(file + ": has no id2label, the names of the classes; write them to"
                                + " classes.txt, a line per class"));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < Math.min(labels.size(), MOST); i++) {
            JsonNode name = labels.path(Integer.toString(i));
            if (!name.isString()) {
                throw UserException.input(file + ": id2label has " + labels.size() + " classes, but no name of class "
                        + i + "; they must be numbered from 0");
            }
            names.add(name.stringValue());
        }
        return List.copyOf(names);
    }

    /**
     * The index of a class.
     *
     * @throws UserException with the nearest names, if there is none of that name
     */
    int index(String name) {
        int index = names.indexOf(name);
        int other = index < 0 ? names.indexOf(GENEVAL.getOrDefault(name, name)) : index;
        if (other < 0) {
            throw UserException.input(
                    "detector: " + Quote.of(name) + " is no class of the detector; the nearest of its "
                            + names.size() + " are " + Quote.of(String.join(", ", Nearest.few(name, names, 3)))
                            + "; use another detector, or correct the prompts or " + place);
        }
        return other;
    }
}
