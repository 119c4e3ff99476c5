package org.imagerl.config;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;

/**
 * What a YAML file is for, by the keys at its top. Files of several verbs lie beside each other, and one that is given to the wrong verb has
 * nearly all keys wrong: a single sentence says more than a line for each.
 */
public enum FileKind {
    TRAINING("the configuration of a training run", "imagerl train FILE", List.of("algorithm", "rewards")),
    STUDY("a study", "imagerl study FILE", List.of("question", "arms")),
    PART("a pretraining or a classifier", "imagerl pretrain FILE, or imagerl ctrl classifier FILE", List.of("type"));

    private final String what;
    private final String command;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> keys;

    FileKind(String what, String command, List<String> keys) {
        this.what = what;
        this.command = command;
        this.keys = keys;
    }

    /**
     * Refuses a file that another verb reads.
     *
     * @param file for the message
     * @param known the keys that the verb at hand reads at the top
     * @throws UserException if the file has the keys of another kind, and is not of the kind that is read here
     */
    public static void check(String file, Node.Section top, Set<String> known) {
        List<FileKind> fitting = Arrays.stream(values())
                .filter(kind -> top.entries().keySet().containsAll(kind.keys))
                .toList();
        if (fitting.isEmpty() || fitting.stream().anyMatch(kind -> known.containsAll(kind.keys))) {
            return;
        }
        FileKind kind = fitting.get(0);
        throw UserException.input(file + ": is " + kind.what + ", as it has " + String.join(" and ", kind.keys)
                + " at the top, and this command reads another kind of file; use it with " + kind.command);
    }

    /**
     * Whether a file is of the kind {@link #PART} alone.
     *
     * @throws UserException if it cannot be read, or is no YAML
     */
    public static boolean isPart(Path file) {
        Problems problems = new Problems();
        Node top = YamlReader.read(ConfigText.of(file), file.toString(), problems);
        problems.throwIfAny();
        return top instanceof Node.Section section
                && Arrays.stream(values())
                        .filter(kind -> section.entries().keySet().containsAll(kind.keys))
                        .toList()
                        .equals(List.of(PART));
    }

    /** The command that runs such files, with the word FILE. */
    public String command() {
        return command;
    }

    /** The keys of a record, those of more than one word excepted. */
    public static Set<String> keys(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toUnmodifiableSet());
    }
}
