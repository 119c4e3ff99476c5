package org.imagerl.host.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.host.registry.Kind;
import org.imagerl.host.registry.Part;
import org.imagerl.host.registry.Registry;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads run configurations. From below: {@code defaults.yaml}, the algorithm's preset (its parts and the settings of its published
 * runs, {@link PresetLayer}), the file, {@code --set} options. Of two layers the upper one wins key by key, but a section that changes its {@code type}
 * takes nothing from below.
 */
public final class ConfigLoader {
    /** Far more than any configuration; a file beyond is something else. */
    private static final int MAX_BYTES = 1 << 20;

    private static final Pattern MADE_FROM = Pattern.compile("([a-z][a-z0-9-]*)=(.+)");

    private final Registry registry;

    public ConfigLoader(Registry registry) {
        this.registry = registry;
    }

    /** The defaults file as it is shipped, with its comments. */
    public static String defaults() {
        try (InputStream in = ConfigLoader.class.getResourceAsStream("defaults.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a file.
     *
     * @param overrides {@code rollout.steps=20}: a path of keys and a value as it would stand in the file; lists as a whole
     * @throws UserException with all problems, each as {@code file:line: path: message (value)}
     */
    public EffectiveConfig load(Path file, List<String> overrides) {
        return parse(BoundedFile.text(file, MAX_BYTES), file, overrides);
    }

    /**
     * Reads a file of a run whose files may yet have to be made, a classifier for instance: a part that cannot be made of what is there is not
     * looked at.
     *
     * @param overrides as for {@link #load}
     * @throws UserException with all other problems
     */
    public EffectiveConfig read(Path file, List<String> overrides) {
        return parse(BoundedFile.text(file, MAX_BYTES), file, overrides, false);
    }

    /**
     * Reads a text.
     *
     * @param file where the text is from, for messages, for the base folder and for the name of the run
     */
    public EffectiveConfig parse(String text, Path file, List<String> overrides) {
        return parse(text, file, overrides, true);
    }

    private EffectiveConfig parse(String text, Path file, List<String> overrides, boolean filesThere) {
        Problems problems = new Problems();
        Node user = layers(RunConfig.class, text, file.toString(), overrides, problems);
        if (user != null && !(user instanceof Node.Section)) {
            problems.add(user.origin(), "", "must have keys at the top, not be " + user.kind());
        }
        if (!(user instanceof Node.Section given)) {
            problems.throwIfAny();
            throw new IllegalStateException("no tree and no problem");
        }
        FileKind.check(file.toString(), given, FileKind.keys(RunConfig.class));
        Node.Section section = withoutType(given, problems);
        Node.Section tree = (Node.Section) Node.overlay(defaults(file), withPreset(section, problems));
        Path base = Path.of(Objects.requireNonNullElse(tree.text("base_folder"), ""));
        Object bound = new Binder(registry, problems, base).bind(RunConfig.class, tree, "");
        sayWhichAlgorithms(section, problems);
        problems.throwIfAny();
        EffectiveConfig effective = new EffectiveConfig((RunConfig) Objects.requireNonNull(bound), tree);
        Rules.check(effective, problems, filesThere);
        problems.throwIfAny();
        return effective;
    }

    /**
     * Reads a file that is one record.
     *
     * @param overrides as for {@link #load}
     * @throws UserException with all problems
     */
    public <T extends Record> T record(Class<T> type, Path file, List<String> overrides) {
        return type.cast(
                bind(type, BoundedFile.text(file, MAX_BYTES), file.toString(), overrides, FileKind.keys(type)));
    }

    /**
     * Reads a file that is the section of one part: {@code type} and settings.
     *
     * @param overrides as for {@link #load}
     * @throws UserException with all problems
     */
    public <T> Part<T> part(Kind<T> kind, Path file, List<String> overrides) {
        return part(kind, BoundedFile.text(file, MAX_BYTES), file.toString(), overrides);
    }

    /**
     * Reads a part as a command line names it.
     *
     * @param text {@code ddim}, or with settings {@code {type: ddim, eta: 0.5}}
     * @param overrides as for {@link #load}
     * @throws UserException with all problems
     */
    public <T> Part<T> part(Kind<T> kind, String text, List<String> overrides) {
        return part(kind, text, kind.label() + " " + text, overrides);
    }

    /** Reads a part that something else names, whose place is given for messages. */
    <T> Part<T> part(Kind<T> kind, String text, String source, List<String> overrides) {
        Type type = new Types.PartType(kind.contract());
        @SuppressWarnings("unchecked") // what the binder makes for this type
        Part<T> part = (Part<T>) bind(type, text, source, overrides, Set.of("type"));
        return part;
    }

    /**
     * Reads a reward as a command line names it.
     *
     * @param text {@code ocr}, or with settings {@code {type: ocr, mode: line, name: line, weight: 2}}, or with what it is made from
     *     {@code pickscore=models/pickscore}
     * @throws UserException with all problems
     */
    public RunConfig.RewardEntry reward(String text) {
        Matcher made = MADE_FROM.matcher(text);
        String written = made.matches() ? section(made.group(1), made.group(2)) : text;
        return (RunConfig.RewardEntry)
                bind(RunConfig.RewardEntry.class, written, "reward " + text, List.of(), Set.of("type"));
    }

    /** {@code {type: NAME, KEY: 'VALUE'}} for a reward that is made from something. */
    private String section(String name, String value) {
        Source source =
                registry.factory(Kind.REWARD, name).defaults().getClass().getAnnotation(Source.class);
        if (source == null) {
            throw UserException.input("reward " + name + "=" + value + ": " + name
                    + " is not made from a folder or an address; write " + name + " alone");
        }
        return "{type: " + name + ", " + Words.snake(source.value()) + ": '" + value.replace("'", "''") + "'}";
    }

    /** The section of a part with all its settings: reading it gives an equal part. */
    public static String yaml(Part<?> part) {
        return YamlWriter.write((Node.Section) RecordNodes.node(part, Origin.DEFAULT), path -> "");
    }

    private Object bind(Type type, String text, String source, List<String> overrides, Set<String> known) {
        Problems problems = new Problems();
        Node node = layers(type, text, source, overrides, problems);
        problems.throwIfAny();
        if (node instanceof Node.Section top) {
            FileKind.check(source, top, known);
        }
        Object bound = new Binder(registry, problems, Path.of("")).bind(type, Objects.requireNonNull(node), "");
        problems.throwIfAny();
        return Objects.requireNonNull(bound);
    }

    /** A text and the flags over it, with short forms written out. */
    private static @Nullable Node layers(
            Type type, String text, String source, List<String> overrides, Problems problems) {
        Node user = expand(type, YamlReader.read(text, source, problems));
        for (String override : overrides) {
            Node flag = expand(type, flag(override, problems));
            user = flag == null ? user : user == null ? flag : Node.overlay(user, flag);
        }
        return user;
    }

    private static @Nullable Node expand(Type type, @Nullable Node node) {
        return node == null ? null : ShortForms.expand(type, node);
    }

    /** {@code a.b=c} as the tree {@code {a: {b: c}}}. */
    private static @Nullable Node flag(String override, Problems problems) {
        Origin origin = Origin.option(override);
        int equals = override.indexOf('=');
        if (equals < 1) {
            problems.add(origin, "", "must be KEY=VALUE, for instance rollout.steps=20");
            return null;
        }
        String value = override.substring(equals + 1);
        Node node = value.isBlank()
                ? new Node.Scalar(null, value, origin)
                : YamlReader.read(value, origin.source(), problems);
        String[] keys = override.substring(0, equals).split("\\.", -1);
        for (int i = keys.length - 1; i >= 0 && node != null; i--) {
            node = new Node.Section(Map.of(keys[i], at(node, origin)), origin);
        }
        return node;
    }

    /** A tree whose values all are from one place. */
    private static Node at(Node node, Origin origin) {
        if (node instanceof Node.Section section) {
            Map<String, Node> entries = new LinkedHashMap<>();
            section.entries().forEach((key, value) -> entries.put(key, at(value, origin)));
            return new Node.Section(entries, origin);
        }
        if (node instanceof Node.Items list) {
            return new Node.Items(
                    list.items().stream().map(item -> at(item, origin)).toList(), origin);
        }
        Node.Scalar scalar = (Node.Scalar) node;
        return new Node.Scalar(scalar.value(), scalar.text(), origin);
    }

    /** Without an algorithm its parts are missing, which is nothing that a beginner has heard of. */
    private void sayWhichAlgorithms(Node.Section user, Problems problems) {
        boolean named = user.entries().containsKey("algorithm");
        if (!named && problems.withoutMissing("algorithm")) {
            String names = String.join(
                    ", ", registry.presets().stream().map(Preset::name).sorted().toList());
            problems.add(user.origin(), "algorithm", "is missing; name one of " + names + " (algorithm: ddpo)");
        } else if (problems.has("algorithm.preset")) {
            problems.withoutMissing("algorithm");
        }
    }

    /** A type at the top would replace all defaults, as that of a part does, so that each of them would be missing. */
    private static Node.Section withoutType(Node.Section user, Problems problems) {
        Node type = user.entries().get("type");
        if (type == null) {
            return user;
        }
        problems.add(type.origin(), "type", "is not a key at the top of a run; a type belongs into its section");
        Map<String, Node> others = new LinkedHashMap<>(user.entries());
        others.remove("type");
        return new Node.Section(others, user.origin());
    }

    private Node.Section withPreset(Node.Section user, Problems problems) {
        if (!(user.entries().get("algorithm") instanceof Node.Section algorithm)) {
            return user;
        }
        String name = algorithm.text("preset");
        if (name == null) {
            return user;
        }
        try {
            return (Node.Section) Node.overlay(PresetLayer.beneath(user, registry.preset(name)), user);
        } catch (UserException e) {
            Node at = Objects.requireNonNull(algorithm.entries().get("preset"));
            problems.add(at.origin(), "algorithm.preset", String.valueOf(e.getMessage()), name);
            return user;
        }
    }

    /** The shipped defaults and those that follow from the file's place. */
    private static Node.Section defaults(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        String stem = String.valueOf(absolute.getFileName()).replaceFirst("\\.[^.]*$", "");
        Map<String, Object> placed =
                Map.of("base_folder", String.valueOf(absolute.getParent()), "run", Map.of("name", stem));
        Node tree = Node.overlay(shippedDefaults(), RecordNodes.node(placed, Origin.DEFAULT));
        return (Node.Section) at(tree, Origin.DEFAULT);
    }

    /** The shipped defaults as a tree. */
    static Node shippedDefaults() {
        Problems none = new Problems();
        Node shipped = YamlReader.read(defaults(), "defaults.yaml", none);
        none.throwIfAny();
        return Objects.requireNonNull(shipped);
    }
}
