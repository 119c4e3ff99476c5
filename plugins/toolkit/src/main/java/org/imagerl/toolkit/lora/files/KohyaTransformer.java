package org.imagerl.toolkit.lora.files;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.files.JointNames.Place;

/**
 * Adapters of the transformers of SD3 and FLUX as sd-scripts keeps them: {@code lora_unet_joint_blocks_0_x_block_attn_qkv},
 * {@code lora_unet_double_blocks_0_img_attn_qkv}, with one adapter for queries, keys and values.
 */
final class KohyaTransformer {
    private static final String PREFIX = "lora_unet_";

    /** What files of each family have names with. */
    private static final Map<String, JointNames> MARKS = Map.of(
            PREFIX + "joint_blocks_", JointNames.SD3,
            PREFIX + "double_blocks_", JointNames.FLUX,
            PREFIX + "single_blocks_", JointNames.FLUX);

    private final Map<String, JointTarget> targets = new TreeMap<>();

    /** Adapters of parts of one layer. */
    private record Group(Place place, SortedMap<Integer, LoraPair> parts) {}

    /** @param base the model; of another family it has no such names */
    KohyaTransformer(BaseModules base) {
        JointNames.known(base)
                .ifPresent(family -> base.paths().stream()
                        .filter(path -> Component.of(path) == Component.TRANSFORMER)
                        .forEach(path ->
                                family.of(Component.TRANSFORMER.layer(path)).ifPresent(place -> add(place, path))));
    }

    private void add(Place place, String path) {
        targets.computeIfAbsent(name(place), name -> new JointTarget(place, new TreeMap<>()))
                .paths()
                .put(place.part(), path);
    }

    private static String name(Place place) {
        return PREFIX + place.layer().replace('.', '_');
    }

    /** The family of a name; empty if it is of a UNet, or of no block. */
    static Optional<JointNames> family(String name) {
        return MARKS.entrySet().stream()
                .filter(mark -> name.startsWith(mark.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** All names that the model has. */
    Set<String> names() {
        return targets.keySet();
    }

    /**
     * The adapters of diffusers' layers that one adapter stands for.
     *
     * @return path to pair
     * @throws UserException if it does not have the shape of the model's layer
     */
    Map<String, LoraPair> split(String where, String name, LoraPair pair) {
        JointTarget target = targets.get(name);
        if (target == null) {
            throw new IllegalArgumentException(name);
        }
        return target.split(where, name, pair);
    }

    /**
     * The adapter of a transformer by the names to write.
     *
     * @param where the file, for messages
     * @param layers layer name to pair, as in diffusers
     * @throws UserException if a layer has no name in the model's own code, or another shape than there
     */
    static SortedMap<String, LoraPair> named(String where, JointNames family, SortedMap<String, LoraPair> layers) {
        SortedMap<String, LoraPair> named = new TreeMap<>();
        Map<String, Group> groups = new TreeMap<>();
        layers.forEach((layer, pair) -> {
            Place place = family.of(layer)
                    .orElseThrow(() -> UserException.input(where + ": layer " + Quote.of(layer)
                            + " has no name in kohya's layout for " + family + ": write diffusers' layout"));
            if (place.widths().isEmpty()) {
                named.put(name(place), JointTarget.inOrder(place, pair));
            } else {
                LoraPair matrices = JointTarget.matrices(where, layer, pair);
                requireOutputs(where, layer, place, matrices);
                groups.computeIfAbsent(name(place), name -> new Group(place, new TreeMap<>()))
                        .parts
                        .put(place.part(), matrices);
            }
        });
        groups.forEach((name, group) -> named.put(name, fuse(where, name, group)));
        return named;
    }

    private static LoraPair fuse(String where, String name, Group group) {
        Set<Long> inputs = new TreeSet<>();
        group.parts.values().forEach(pair -> inputs.add(pair.downShape().get(1)));
        if (inputs.size() > 1) {
            throw UserException.input(where + ": the layers of " + Quote.of(name) + " have inputs of widths " + inputs
                    + ", expected one width");
        }
        return FusedPairs.fuse(
                group.parts,
                JointTarget.outputs(group.place, group.parts.values().iterator().next()));
    }

    private static void requireOutputs(String where, String layer, Place place, LoraPair pair) {
        long expected = place.widths().get(place.part()) * pair.downShape().get(1);
        if (pair.upShape().get(0) != expected) {
            throw UserException.input(where + ": layer " + Quote.of(layer) + " is for a weight of " + pair.weightShape()
                    + "; in kohya's layout it needs " + expected + " outputs: write diffusers' layout");
        }
    }
}
