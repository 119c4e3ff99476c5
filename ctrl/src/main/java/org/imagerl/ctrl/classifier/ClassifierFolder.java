package org.imagerl.ctrl.classifier;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.imagerl.ctrl.control.Control;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.Features;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A classifier on disk: {@code classifier.safetensors}, and its manifest {@code classifier.json}.
 *
 * @param path the folder
 * @param controls what it tells apart
 * @param temperatures by control: logits are divided by it
 * @param width of its images in pixels
 * @param height of its images in pixels
 * @param backbone what its linear layers stand on
 */
record ClassifierFolder(
        Path path, List<Control> controls, Map<String, Double> temperatures, int width, int height, Backbone backbone) {
    static final String MANIFEST = "classifier.json";
    private static final String WEIGHTS = "classifier.safetensors";
    private static final String FORMAT = "imagerl-classifier-1";
    private static final int MAX_SIDE = 1 << 14;

    Path weights() {
        return path.resolve(WEIGHTS);
    }

    /** The frozen model whose features it takes; null if its own network takes the images. */
    Backbone.@Nullable Frozen frozen() {
        return backbone instanceof Backbone.Frozen frozen ? frozen : null;
    }

    double temperature(Control control) {
        return Objects.requireNonNull(temperatures.get(control.name()));
    }

    /**
     * Reads a manifest.
     *
     * @throws UserException if it is none
     */
    static ClassifierFolder read(Path folder) {
        Path manifest = folder.resolve(MANIFEST);
        if (!Files.isRegularFile(manifest)) {
            throw UserException.input(folder.normalize() + ": is no trained classifier, it has no " + MANIFEST
                    + "; train one: imagerl ctrl classifier FILE --out " + folder.getFileName());
        }
        ConfigFile file = ConfigFile.read(manifest);
        if (!file.text("format", "").equals(FORMAT)) {
            throw file.refusal("format", "expected \"" + FORMAT + "\"; train one with imagerl ctrl classifier");
        }
        List<Control> controls = new ArrayList<>();
        Map<String, Double> temperatures = new TreeMap<>();
        Set<String> names = new HashSet<>();
        for (JsonNode node : file.value("controls").orElseThrow(() -> file.refusal("controls", "it must be a list"))) {
            try {
                Control control = new Control(
                        node.path("name").asString(""), node.path("classes").asInt(0));
                double temperature = node.path("temperature").asDouble(0);
                if (!(temperature > 0) || !Double.isFinite(temperature) || !names.add(control.name())) {
                    throw new IllegalArgumentException("names must differ, and a temperature be above 0");
                }
                controls.add(control);
                temperatures.put(control.name(), temperature);
            } catch (IllegalArgumentException e) {
                throw UserException.input(manifest + ": controls: " + e.getMessage(), e);
            }
        }
        try {
            Control.checked(controls);
        } catch (IllegalArgumentException e) {
            throw file.refusal("controls", String.valueOf(e.getMessage()));
        }
        return new ClassifierFolder(
                folder,
                controls,
                temperatures,
                required(file, "width", MAX_SIDE),
                required(file, "height", MAX_SIDE),
                backbone(manifest, file));
    }

    private static Backbone backbone(Path manifest, ConfigFile file) {
        Optional<JsonNode> features = file.value("features");
        return features.isPresent() ? frozen(file, features.get()) : residual(manifest, file);
    }

    private static Backbone.Residual residual(Path manifest, ConfigFile file) {
        InputTransform input = input(file);
        int channels = required(file, "channels", Integer.MAX_VALUE);
        List<Integer> strides = file.integers("strides", input.strides(), 1, 2);
        try {
            Backbone.Residual network = new Backbone.Residual(channels, strides, input);
            network.requireSize(required(file, "width", MAX_SIDE), required(file, "height", MAX_SIDE));
            return network;
        } catch (IllegalArgumentException e) {
            throw UserException.input(manifest + ": " + e.getMessage(), e);
        }
    }

    private static InputTransform input(ConfigFile file) {
        String name = file.text("input", InputTransform.PIXELS.key());
        return Arrays.stream(InputTransform.values())
                .filter(input -> input.key().equals(name))
                .findFirst()
                .orElseThrow(() -> file.refusal("input", "expected \"pixels\", \"dct\" or \"jpeg\""));
    }

    private static Backbone.Frozen frozen(ConfigFile file, JsonNode features) {
        JsonNode files = features.path("sha256");
        Map<String, String> hashes = new TreeMap<>();
        files.properties()
                .forEach(entry -> hashes.put(entry.getKey(), entry.getValue().asString("")));
        int width = features.path("width").asInt(0);
        boolean named =
                features.path("settings").isObject() && features.path("base").isString() && files.isObject();
        if (!named || width < 1 || width > Features.MAX_WIDTH) {
            throw file.refusal("features", "expected settings, base, width and sha256 of the features");
        }
        return new Backbone.Frozen(
                features.path("settings").toString(), features.path("base").asString(), width, hashes);
    }

    private static int required(ConfigFile file, String key, int max) {
        int value = file.integer(key, 0, 0, max);
        if (value < 1) {
            throw file.refusal(key, "expected a number from 1 to " + max);
        }
        return value;
    }

    /** The features in the form of a manifest. */
    static ObjectNode json(Backbone.Frozen frozen) {
        ObjectNode features = StrictJson.newObject();
        features.set("settings", StrictJson.object("features", frozen.settings()));
        features.put("base", frozen.base()).put("width", frozen.width());
        ObjectNode hashes = features.putObject("sha256");
        frozen.files().forEach(hashes::put);
        return features;
    }

    /**
     * Writes the manifest.
     *
     * @param numbers what was measured, by name
     */
    void write(Map<String, Double> numbers) {
        ObjectNode root = StrictJson.newObject();
        root.put("format", FORMAT);
        ArrayNode list = root.putArray("controls");
        for (Control control : controls) {
            list.addObject()
                    .put("name", control.name())
                    .put("classes", control.classes())
                    .put("temperature", temperature(control));
        }
        root.put("width", width).put("height", height);
        if (backbone instanceof Backbone.Residual residual) {
            root.put("channels", residual.channels());
            residual.strides().forEach(root.putArray("strides")::add);
            root.put("input", residual.input().key());
        } else if (backbone instanceof Backbone.Frozen frozen) {
            root.set("features", json(frozen));
        }
        ObjectNode measured = root.putObject("validation");
        numbers.forEach(measured::put);
        AtomicFile.writeText(path.resolve(MANIFEST), StrictJson.indented(root) + "\n");
    }
}
