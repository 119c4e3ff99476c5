package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a base model that an adapter may name: what kohya's names are resolved against, and what tells whether an
 * adapter belongs to a model.
 */
public final class BaseModules {
    private static final String WEIGHT = ".weight";
    private static final int MAX_LISTED = 20;

    private final SortedMap<String, Shape> weights;

    private BaseModules(SortedMap<String, Shape> weights) {
        this.weights = Collections.unmodifiableSortedMap(weights);
    }

    /**
     * Layers by their paths.
     *
     * @param weights path to the shape of its weight, {@code [out, in]} or {@code [out, in, kh, kw]}; others are ignored
     */
    public static BaseModules of(Map<String, Shape> weights) {
        TreeMap<String, Shape> layers = new TreeMap<>(weights);
        layers.values().removeIf(shape -> shape.dimension() != 2 && shape.dimension() != 4);
        return new BaseModules(layers);
    }

    /** No model at hand: only layouts that write whole paths can be read. */
    public static BaseModules unknown() {
        return new BaseModules(new TreeMap<>());
    }

    /**
     * The layers of a checkpoint folder in diffusers layout. Reads headers only.
     *
     * @throws UserException if there is no component with weights in the folder, or a weight file is damaged
     */
    public static BaseModules ofFolder(Path checkpoint) {
        TreeMap<String, Shape> layers = new TreeMap<>();
        for (Component component : Component.values()) {
            Path folder = checkpoint.resolve(component.folder());
            if (Files.isDirectory(folder)) {
                addWeights(component, folder, layers);
            }
        }
        if (layers.isEmpty()) {
            throw UserException.input(
                    checkpoint + ": no checkpoint folder: has none of the folders " + Component.names());
        }
        return of(layers);
    }

    private static void addWeights(Component component, Path folder, Map<String, Shape> layers) {
        for (TensorEntry entry : entries(component.folder(), folder)) {
            if (entry.name().endsWith(WEIGHT)) {
                layers.put(component.path(layer(entry)), entry.shape());
            }
        }
    }

    /** The tensors of the component of that name in its folder. Reads headers only. */
    static List<TensorEntry> entries(String component, Path folder) {
        try (WeightFiles files = WeightFiles.open(folder, stem(component), variant(component, folder))) {
            return files.files().stream()
                    .flatMap(file -> file.entries().stream())
                    .toList();
        }
    }

    private static String stem(String component) {
        return component.startsWith("text_encoder") ? "model" : "diffusion_pytorch_model";
    }

    /** Which weights of the component of that name are read. */
    static WeightVariant variant(String component, Path folder) {
        return WeightVariant.only(folder, stem(component));
    }

    private static String layer(TensorEntry entry) {
        return entry.name().substring(0, entry.name().length() - WEIGHT.length());
    }

    /** Path to the shape of its weight, sorted. */
    SortedMap<String, Shape> weights() {
        return weights;
    }

    /** The paths, sorted. */
    public Set<String> paths() {
        return weights.keySet();
    }

    /**
     * Checks that every layer of an adapter exists with the right shape.
     *
     * @param where the file, for messages
     * @return the pairs by path, each in the form of its layer: pairs of 1 x 1 convolutions as matrices where the layer is
     *     linear, and the other way round
     * @throws UserException one for all layers that are not there (with the nearest name) or have another shape
     */
    public SortedMap<String, LoraPair> fit(String where, LoraWeights adapter) {
        SortedMap<String, LoraPair> fitted = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        adapter.pairs().forEach((path, pair) -> {
            Shape weight = weights.get(path);
            LoraPair fit = weight == null ? null : fit(pair, weight);
            if (fit == null) {
                problems.add(problem(path, pair, weight, problems.size()));
            } else {
                fitted.put(path, fit);
            }
        });
        if (!problems.isEmpty()) {
            throw UserException.input(message(where, problems));
        }
        return fitted;
    }

    private static @Nullable LoraPair fit(LoraPair pair, Shape weight) {
        Shape needed = pair.weightShape();
        if (needed.equals(weight)) {
            return pair;
        }
        boolean same = needed.get(0) == weight.get(0) && needed.get(1) == weight.get(1);
        return same && isOneByOne(needed) && isOneByOne(weight) ? pair.reshaped(weight.dimension()) : null;
    }

    private static boolean isOneByOne(Shape weight) {
        return weight.dimension() == 2 || (weight.get(2) == 1 && weight.get(3) == 1);
    }

    private String problem(String path, LoraPair pair, @Nullable Shape weight, int before) {
        if (weight != null) {
            return Quote.of(path) + " is for a weight of " + pair.weightShape() + ", the model has " + weight;
        }
        // The search for near names is dear, and nobody reads more than the first.
        String hint = before < MAX_LISTED ? Nearest.hint(path, paths()) : "";
        return "the model has no layer " + Quote.of(path) + hint;
    }

    private static String message(String where, List<String> problems) {
        String more = problems.size() > MAX_LISTED ? "\n  and " + (problems.size() - MAX_LISTED) + " more" : "";
        return where + ": this adapter was made for another model:\n  "
                + String.join("\n  ", problems.subList(0, Math.min(MAX_LISTED, problems.size()))) + more
                + "\n  remedy: name the checkpoint that it was trained on";
    }
}
