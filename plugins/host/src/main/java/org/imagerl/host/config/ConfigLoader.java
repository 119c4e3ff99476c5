package org.imagerl.host.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.host.registry.Registry;
import org.imagerl.spi.Preset;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Reads run configurations. From below: {@code defaults.yaml}, the algorithm's preset, the file, {@code --set} options. Of
 * two layers the upper one wins key by key, but a section that changes its {@code type} takes nothing from below.
 */
public final class ConfigLoader {
    /** Far more than any configuration; a file beyond is something else. */
    private static final int MAX_BYTES = 1 << 20;

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
        return parse(TextFile.read(file, MAX_BYTES), file, overrides);
    }

    /**
     * Reads a text.
     *
     * @param file where the text is from, for messages, for the base folder and for the name of the run
     */
    public EffectiveConfig parse(String text, Path file, List<String> overrides) {
        Problems problems = new Problems();
        Node user = expand(YamlReader.read(text, file.toString(), problems));
        for (String override : overrides) {
            Node flag = expand(flag(override, problems));
            user = flag == null ? user : user == null ? flag : Node.overlay(user, flag);
        }
        if (user != null && !(user instanceof Node.Section)) {
            problems.add(user.origin(), "", "must have keys at the top, not be " + user.kind());
        }
        if (!(user instanceof Node.Section section)) {
            problems.throwIfAny();
            throw new IllegalStateException("no tree and no problem");
        }
        Node.Section tree = (Node.Section) Node.overlay(defaults(file), withPreset(section, problems));
        Object bound = new Binder(registry, problems).bind(RunConfig.class, tree, "");
        problems.throwIfAny();
        EffectiveConfig effective = new EffectiveConfig((RunConfig) Objects.requireNonNull(bound), tree);
        Rules.check(effective, problems);
        problems.throwIfAny();
        return effective;
    }

    private static @Nullable Node expand(@Nullable Node node) {
        return node == null ? null : ShortForms.expand(RunConfig.class, node);
    }

    /** {@code a.b=c} as the tree {@code {a: {b: c}}}. */
    static @Nullable Node flag(String override, Problems problems) {
        Origin origin = Origin.of("--set " + override);
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

    private Node.Section withPreset(Node.Section user, Problems problems) {
        if (!(user.entries().get("algorithm") instanceof Node.Section algorithm)) {
            return user;
        }
        String name = algorithm.text("preset");
        if (name == null) {
            return user;
        }
        try {
            Preset preset = registry.preset(name);
            Node beneath = RecordNodes.node(preset.sections(), Origin.of("preset " + name));
            return user.with("algorithm", Node.overlay(beneath, algorithm));
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
