package org.imagerl.config;

import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;

/** Reads records and parts from files and from texts of a command line, with {@code --set} options over them. */
public final class ConfigLoader {
    private final Registry registry;

    public ConfigLoader(Registry registry) {
        this.registry = registry;
    }

    /**
     * Reads a file that is one record.
     *
     * @param overrides options of a command line, {@code KEY=VALUE}
     * @throws UserException with all problems
     */
    public <T extends Record> T record(Class<T> type, Path file, List<String> overrides) {
        return type.cast(
                bind(type, ConfigText.of(file), file.toString(), Overrides.parse(overrides), FileKind.keys(type)));
    }

    /**
     * Reads a file that is the section of one part: {@code type} and settings.
     *
     * @param overrides options of a command line, {@code KEY=VALUE}
     * @throws UserException with all problems
     */
    public <T> BoundPart<T> part(Kind<T> kind, Path file, List<String> overrides) {
        return part(kind, ConfigText.of(file), file.toString(), Overrides.parse(overrides));
    }

    /**
     * Reads a part as a program or a command line names it.
     *
     * @param text {@code ddim}, or with settings {@code {type: ddim, eta: 0.5}}
     * @param overrides that lie over the text
     * @throws UserException with all problems
     */
    public <T> BoundPart<T> part(Kind<T> kind, String text, Overrides overrides) {
        return part(kind, text, kind.label() + " " + text, overrides);
    }

    /**
     * Reads a part as an option of a command line names it.
     *
     * @param option for messages, {@code --scheduler}
     * @param text as in {@link #part(Kind, String, Overrides)}
     * @param overrides that lie over the text
     * @throws UserException with all problems
     */
    public <T> BoundPart<T> option(Kind<T> kind, String option, String text, Overrides overrides) {
        if (text.isBlank()) {
            throw UserException.input(option + " is empty; it takes one of "
                    + String.join(", ", registry.factories(kind).keySet()));
        }
        return part(kind, text, option + " " + text, overrides);
    }

    /**
     * Reads a text that is one record.
     *
     * @param source where the text is from, for messages
     * @param overrides that lie over the text
     * @param known the keys that tell such a text from another kind of file
     * @throws UserException with all problems
     */
    public <T extends Record> T record(
            Class<T> type, String text, String source, Overrides overrides, Set<String> known) {
        return type.cast(bind(type, text, source, overrides, known));
    }

    /** Reads a part that something else names, whose place is given for messages. */
    <T> BoundPart<T> part(Kind<T> kind, String text, String source, Overrides overrides) {
        Type type = new Types.PartType(kind.contract());
        @SuppressWarnings("unchecked") // what the binder makes for this type
        BoundPart<T> part = (BoundPart<T>) bind(type, text, source, overrides, Set.of("type"));
        return part;
    }

    /** The section of a part with all its settings: reading it gives an equal part. */
    public static String yaml(BoundPart<?> part) {
        return YamlWriter.write((Node.Section) RecordNodes.node(part, Origin.DEFAULT), path -> "");
    }

    private Object bind(Type type, String text, String source, Overrides overrides, Set<String> known) {
        Problems problems = new Problems();
        Node node = Layers.read(type, text, source, overrides, problems);
        problems.throwIfAny();
        if (node instanceof Node.Section top) {
            FileKind.check(source, top, known);
        }
        Object bound =
                new Binder(registry, problems, Path.of(""), Map.of()).bind(type, Objects.requireNonNull(node), "");
        problems.throwIfAny();
        return Objects.requireNonNull(bound);
    }
}
