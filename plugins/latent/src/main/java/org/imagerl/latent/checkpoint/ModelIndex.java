package org.imagerl.latent.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/**
 * The {@code model_index.json} of a checkpoint folder: which pipeline it is and which class each sub-folder holds.
 *
 * @param file the file, for messages
 * @param className the pipeline, such as {@code StableDiffusionPipeline}
 * @param components sub-folder to class; components that the file gives as {@code [null, null]} are left out
 * @param flags the switches of the pipeline, such as {@code force_zeros_for_empty_prompt}
 * @param maxSequenceLength the argument of the pipeline's call that the checkpoint was trained with, tokens of a prompt for T5; diffusers has it
 *     in no file, checkpoints of {@code pretrain} say it here
 * @param warnings entries that are none of these, one line each
 */
public record ModelIndex(
        Path file,
        String className,
        Map<String, Component> components,
        Map<String, Boolean> flags,
        Optional<Integer> maxSequenceLength,
        List<String> warnings) {
    private static final int MAX_KEYS = 100;
    private static final String MAX_SEQUENCE_LENGTH = "max_sequence_length";
    private static final int MAX_TOKENS = 512;

    /**
     * What a sub-folder holds.
     *
     * @param library {@code diffusers} or {@code transformers}, as written
     * @param className the Python class
     */
    public record Component(String library, String className) {}

    /** Keeps its own copies of the maps. */
    public ModelIndex {
        components = Map.copyOf(components);
        flags = Map.copyOf(flags);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the {@code model_index.json} of a folder.
     *
     * @param folder the checkpoint
     * @throws UserException when the folder is no diffusers checkpoint or the file is malformed
     */
    public static ModelIndex read(Path folder) {
        Path path = folder.resolve("model_index.json");
        ConfigFile file = ConfigFile.read(path);
        String className = file.optionalText("_class_name")
                .orElseThrow(() -> file.refusal("_class_name", "expected the name of a pipeline"));
        List<String> keys =
                file.keys().stream().filter(key -> !key.startsWith("_")).toList();
        if (keys.size() > MAX_KEYS) {
            throw UserException.input(path + ": more than " + MAX_KEYS + " keys");
        }
        Map<String, Component> components = new LinkedHashMap<>();
        Map<String, Boolean> flags = new LinkedHashMap<>();
        List<String> warnings = new ArrayList<>();
        for (String key : keys) {
            JsonNode value = file.value(key).orElse(null);
            if (value != null && value.isArray()) {
                component(file, key, value).ifPresent(component -> components.put(key, component));
            } else if (value != null && value.isBoolean()) {
                flags.put(key, value.booleanValue());
            } else if (value != null && !key.equals(MAX_SEQUENCE_LENGTH)) {
                warnings.add(path + ": unknown key " + Quote.of(key) + " is ignored");
            }
        }
        Optional<Integer> tokens = file.optionalInteger(MAX_SEQUENCE_LENGTH, 1, MAX_TOKENS);
        return new ModelIndex(path, className, components, flags, tokens, warnings);
    }

    /** Whether the checkpoint has such a component. */
    public boolean has(String component) {
        return components.containsKey(component);
    }

    /**
     * The class of a component that must be there.
     *
     * @param component sub-folder
     * @param supported the classes there is code for
     * @return one of {@code supported}
     * @throws UserException when it is absent or of another class
     */
    public String require(String component, String... supported) {
        String known = "supported: " + String.join(", ", supported);
        Component found = components.get(component);
        if (found == null) {
            throw UserException.input(file + ": has no component \"" + component + "\"; " + known);
        }
        if (!Arrays.asList(supported).contains(found.className())) {
            throw UserException.input(
                    file + ": \"" + component + "\" is a " + Quote.of(found.className()) + "; " + known);
        }
        return found.className();
    }

    /** What to say if the scheduler's own file names another class than this one: diffusers and we follow different ones. */
    public Optional<String> otherScheduler() {
        Component named = components.get("scheduler");
        Path config = file.resolveSibling("scheduler").resolve("scheduler_config.json");
        if (named == null || !Files.isRegularFile(config)) {
            return Optional.empty();
        }
        return ConfigFile.read(config)
                .optionalText("_class_name")
                .filter(own -> !own.equals(named.className()))
                .map(own -> file + ": names the scheduler " + Quote.of(named.className()) + ", but " + config
                        + " is of " + Quote.of(own) + ": diffusers follows the first, imagerl the second");
    }

    /** A switch of the pipeline. */
    public boolean flag(String key, boolean absent) {
        return flags.getOrDefault(key, absent);
    }

    private static Optional<Component> component(ConfigFile file, String key, JsonNode pair) {
        boolean absent = pair.size() == 2 && pair.get(0).isNull() && pair.get(1).isNull();
        if (absent) {
            return Optional.empty();
        }
        if (pair.size() != 2 || !pair.get(0).isString() || !pair.get(1).isString()) {
            throw file.refusal(key, "expected [library, class] or [null, null]");
        }
        return Optional.of(new Component(pair.get(0).stringValue(), pair.get(1).stringValue()));
    }
}
