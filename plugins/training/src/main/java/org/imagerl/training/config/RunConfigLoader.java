package org.imagerl.training.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.imagerl.config.Binder;
import org.imagerl.config.ConfigKeys;
import org.imagerl.config.ConfigText;
import org.imagerl.config.FileKind;
import org.imagerl.config.JsonSchema;
import org.imagerl.config.Layers;
import org.imagerl.config.Node;
import org.imagerl.config.Origin;
import org.imagerl.config.Overrides;
import org.imagerl.config.Problems;
import org.imagerl.config.RecordNodes;
import org.imagerl.config.YamlReader;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Preset;
import org.imagerl.spi.UserException;

/**
 * Reads run configurations. From below: {@code defaults.yaml}, the algorithm's preset (its parts and the settings of its published
 * runs, {@link PresetLayer}), the file, {@code --set} options. Of two layers the upper one wins key by key, but a section that changes its {@code type}
 * takes nothing from below.
 */
public final class RunConfigLoader {
    private final Registry registry;

    public RunConfigLoader(Registry registry) {
        this.registry = registry;
    }

    /** The defaults file as it is shipped, with its comments. */
    public static String defaults() {
        try (InputStream in = RunConfigLoader.class.getResourceAsStream("defaults.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All keys of run configurations, with their shipped defaults. */
    public static List<ConfigKeys.Field> fields() {
        return ConfigKeys.fields(RunConfig.class, shippedDefaults());
    }

    /** The JSON Schema of run configurations with these plugins; what follows from the file's own name is not required. */
    public static String schema(Registry registry) {
        return JsonSchema.of(
                registry,
                "imagerl run",
                RunConfig.class,
                shippedDefaults(),
                component -> component.getName().equals("baseFolder")
                        || component.getDeclaringRecord() == RunConfig.Run.class);
    }

    /**
     * Reads a file.
     *
     * @param overrides {@code rollout.steps=20}: a path of keys and a value as it would stand in the file; lists as a whole
     * @throws UserException with all problems, each as {@code file:line: path: message (value)}
     */
    public EffectiveConfig load(Path file, List<String> overrides) {
        return load(file, Overrides.parse(overrides));
    }

    /** The same with values over those of the file. */
    public EffectiveConfig load(Path file, Overrides overrides) {
        return checked(bound(ConfigText.of(file), file, overrides), true);
    }

    /**
     * Reads a file of a run whose files may yet have to be made, a classifier for instance: a part that cannot be made of what is there is not
     * looked at.
     *
     * @throws UserException with all other problems
     */
    public EffectiveConfig read(Path file, Overrides overrides) {
        return checked(bound(ConfigText.of(file), file, overrides), false);
    }

    /**
     * Reads a text.
     *
     * @param file where the text is from, for messages, for the base folder and for the name of the run
     */
    public EffectiveConfig parse(String text, Path file, List<String> overrides) {
        return checked(bound(text, file, Overrides.parse(overrides)), true);
    }

    /**
     * Reads the keys and values of a file, and makes no part of them.
     *
     * @throws UserException with all keys and values that cannot be read
     */
    public EffectiveConfig keys(Path file, Overrides overrides) {
        return bound(ConfigText.of(file), file, overrides);
    }

    /**
     * Reads a file and makes the parts of the run, once.
     *
     * @param warnings takes lines for the user
     * @throws UserException with all problems
     */
    public PreparedRun prepare(Path file, Overrides overrides, Consumer<String> warnings) {
        return prepare(ConfigText.of(file), file, overrides, warnings);
    }

    /**
     * The same of a text.
     *
     * @param file where the text is from, as {@link #parse} takes it
     */
    public PreparedRun prepare(String text, Path file, Overrides overrides, Consumer<String> warnings) {
        return PreparedRun.of(bound(text, file, overrides), registry, warnings);
    }

    /** A configuration of values alone, whose parts are made when it is run. */
    EffectiveConfig of(Path file, Overrides values) {
        return bound("{}", file, values);
    }

    /** A configuration with other values, whose parts are those of the former one. */
    public RunConfig with(RunConfig config, Overrides values) {
        return bound(EffectiveConfig.yaml(config), Path.of("config.yaml"), values)
                .config();
    }

    private EffectiveConfig checked(EffectiveConfig effective, boolean filesThere) {
        PreparedRun.of(effective, registry, warning -> {}, filesThere).close();
        return effective;
    }

    /** A configuration whose parts are not looked at yet. */
    private EffectiveConfig bound(String text, Path file, Overrides overrides) {
        Problems problems = new Problems();
        Node user = Layers.read(RunConfig.class, text, file.toString(), overrides, problems);
        if (user != null && !(user instanceof Node.Section)) {
            problems.add(user.origin(), "", "must have keys at the top, not be " + user.kind());
        }
        if (!(user instanceof Node.Section given)) {
            problems.throwIfAny();
            throw new IllegalStateException("no tree and no problem");
        }
        FileKind.check(file.toString(), given, FileKind.keys(RunConfig.class));
        Node.Section section = withoutType(given, problems);
        Node.Section written = withPreset(section, problems);
        Node.Section tree = (Node.Section) Node.overlay(OptimiserLayer.beneath(written, defaults(file)), written);
        Path base = Path.of(Objects.requireNonNullElse(tree.text("base_folder"), ""));
        Object bound = new Binder(registry, problems, base, OtherTools.KEYS).bind(RunConfig.class, tree, "");
        sayWhichAlgorithms(section, problems);
        problems.throwIfAny();
        return new EffectiveConfig((RunConfig) Objects.requireNonNull(bound), tree);
    }

    /** Without an algorithm its parts are missing, which is nothing that a beginner has heard of. */
    private void sayWhichAlgorithms(Node.Section user, Problems problems) {
        boolean named = user.entries().containsKey("algorithm");
        if (!named && problems.withoutMissing("algorithm")) {
            String names = String.join(
                    ", ", registry.presets().stream().map(Preset::name).sorted().toList());
            problems.add(user.written(), "algorithm", "is missing; name one of " + names + " (algorithm: ddpo)");
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
            return (Node.Section)
                    Node.overlay(OptimiserLayer.beneath(user, PresetLayer.beneath(user, registry.preset(name))), user);
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
        return (Node.Section) Layers.at(tree, Origin.DEFAULT);
    }

    private static Node shippedDefaults() {
        Problems none = new Problems();
        Node shipped = YamlReader.read(defaults(), "defaults.yaml", none);
        none.throwIfAny();
        return Objects.requireNonNull(shipped);
    }
}
