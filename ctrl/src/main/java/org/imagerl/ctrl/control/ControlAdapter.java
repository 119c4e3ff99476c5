package org.imagerl.ctrl.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.KeyReport;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The result of a training of controls, two files in one folder: the LoRA in the diffusers layout, and
 * {@code control.safetensors} with
 *
 * <ul>
 *   <li>{@code control.NAME.weight} float32 {@code [classes + 1, width]}: a row per class, the null class last, which
 *     is zero
 *   <li>{@code control.NAME.strength}, like it, only of models that are conditioned on the gamma: weighed by ln gamma
 *   <li>metadata: {@code format} ({@value #FORMAT}), {@code controls} ({@code NAME=CLASSES, ...}), {@code strengths}
 *     and {@code strength_range} (numbers, or empty), {@code base} (the fingerprint of the checkpoint's denoiser), and
 *     where it is from
 * </ul>
 */
final class ControlAdapter {
    static final String FILE = "control.safetensors";
    static final String FORMAT = "imagerl-control-1";
    private static final String LORA = "pytorch_lora_weights.safetensors";

    private final Path file;
    private final Map<String, String> metadata;

    private ControlAdapter(Path file, Map<String, String> metadata) {
        this.file = file;
        this.metadata = metadata;
    }

    /** Writes {@value #FILE} beside the LoRA. */
    static Path write(
            Path folder,
            ControlModel model,
            SortedMap<String, NDArray> rows,
            String fingerprint,
            Map<String, String> provenance) {
        Map<String, String> metadata = new LinkedHashMap<>(provenance);
        metadata.put("format", FORMAT);
        metadata.put(
                "controls",
                model.controls().stream()
                        .map(control -> control.name() + "=" + control.classes())
                        .collect(Collectors.joining(",")));
        metadata.put("strengths", ControlScales.text(model.scales().listed()));
        metadata.put("strength_range", ControlScales.text(model.scales().range()));
        metadata.put("base", fingerprint);
        List<TensorSource> tensors = new ArrayList<>();
        rows.forEach((name, table) -> tensors.add(withNull(name, table)));
        Path target = folder.resolve(FILE);
        SafetensorsWriter.write(target, tensors, metadata);
        return target;
    }

    private static TensorSource withNull(String name, NDArray table) {
        long[] shape = table.getShape().getShape();
        float[] values = Floats.of(table);
        return TensorSource.ofFloats(
                name,
                DType.F32,
                new Shape(shape[0] + 1, shape[1]),
                Arrays.copyOf(values, values.length + (int) shape[1]));
    }

    /**
     * Opens an adapter.
     *
     * @param source the file, its folder, or a run
     * @throws UserException if it is none
     */
    static ControlAdapter open(Path source) {
        Path file = Files.isDirectory(source) ? source.resolve(FILE) : source;
        if (!Files.isRegularFile(file)) {
            throw UserException.input(
                    source + ": has no " + FILE
                            + ": it is no adapter of a control; name the folder that a training with `augmentation: {type: control}` wrote");
        }
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            Map<String, String> metadata = opened.metadata();
            if (!FORMAT.equals(metadata.get("format"))) {
                throw UserException.input(file + ": format is " + metadata.get("format") + ", expected " + FORMAT);
            }
            return new ControlAdapter(file, metadata);
        }
    }

    /** Its two files, as far as they exist. */
    List<Path> files() {
        return Stream.of(file, file.resolveSibling(LORA))
                .filter(Files::isRegularFile)
                .toList();
    }

    /** The controls that it was trained for. */
    List<Control> controls() {
        try {
            List<Control> controls = new ArrayList<>();
            for (String entry : metadata.getOrDefault("controls", "").split(",")) {
                String[] parts = entry.split("=", 2);
                controls.add(new Control(parts[0], Integer.parseInt(parts[parts.length - 1])));
            }
            return Control.checked(controls);
        } catch (IllegalArgumentException e) {
            throw UserException.input(file + ": controls: " + e.getMessage(), e);
        }
    }

    /** The gammas that it was trained with. */
    ControlScales scales() {
        List<Double> listed = numbers("strengths");
        List<Double> range = numbers("strength_range");
        try {
            return ControlScales.of(listed, range);
        } catch (IllegalArgumentException e) { // which begins with the key of a configuration
            throw UserException.input(file + ": metadata: strengths, strength_range: " + e.getMessage(), e);
        }
    }

    private List<Double> numbers(String key) {
        String text = metadata.getOrDefault(key, "");
        try {
            return text.isEmpty()
                    ? List.of()
                    : Arrays.stream(text.split(",")).map(Double::valueOf).toList();
        } catch (NumberFormatException e) {
            throw UserException.input(
                    file + ": metadata: " + key + " is " + text
                            + "; expected numbers with commas between (0.5,4.0), or nothing",
                    e);
        }
    }

    /**
     * Makes sure that it belongs to a checkpoint and that the file has the rows of its controls, before memory is allocated.
     *
     * @param rows shapes by name, without the null class
     */
    void check(Pipeline base, SortedMap<String, Shape> rows) {
        String wanted = metadata.getOrDefault("base", "");
        if (!wanted.equals(base.fingerprint())) {
            throw UserException.input(file + ": was trained on another checkpoint: the fingerprint of its denoiser is "
                    + wanted + ", that of this one " + base.fingerprint() + "; name the checkpoint of the training");
        }
        Map<String, Shape> expected = new TreeMap<>();
        rows.forEach((name, shape) -> expected.put(name, plusOne(shape)));
        Map<String, Shape> found = new TreeMap<>();
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            opened.entries().forEach(entry -> found.put(entry.name(), entry.shape()));
        }
        KeyReport.check(file.toString(), expected, found);
    }

    /** Merges the LoRA and fills the rows. */
    void load(Pipeline base, ControlTables tables) {
        fill(tables.rows());
        base.loadLora(file.resolveSibling(LORA), 1);
    }

    private void fill(SortedMap<String, NDArray> rows) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            rows.forEach((name, table) -> fill(name, table, opened.floats(name)));
        }
    }

    private void fill(String name, NDArray table, float[] values) {
        int own = (int) table.size();
        for (int i = own; i < values.length; i++) {
            if (values[i] != 0) {
                throw UserException.input(file + ": " + name + ": the last row is the null class and must be zero");
            }
        }
        Gradients.off(() -> {
            Scope.run(() -> InPlaceKernels.copyInPlace(
                    table, table.getManager().create(Arrays.copyOf(values, own), table.getShape())));
            return table;
        });
    }

    private static Shape plusOne(Shape shape) {
        return new Shape(shape.get(0) + 1, shape.get(1));
    }
}
