package org.imagerl.toolkit.lora.files;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.original.SgmNames;

/**
 * Kohya's names of layers, which have underscores for dots: {@code lora_unet_mid_block_attentions_0_proj_in}. The way back
 * needs the layers of the base model, since layer names have underscores of their own. For transformers see {@link KohyaTransformer}.
 */
final class KohyaNames {
    /** What LyCORIS puts before the names of a denoiser where it is not part of sd-scripts. */
    static final String LYCORIS = "lycoris_";

    /** T5 is the third text encoder for sd-scripts, in FLUX too, where it is the second of two. */
    private static final String T5 = "lora_te3_";

    private final BaseModules base;
    private final Map<String, Set<String>> pathsOf = new TreeMap<>();
    private final KohyaTransformer transformer;

    KohyaNames(BaseModules base) {
        this.base = base;
        transformer = new KohyaTransformer(base);
        SgmNames sgm = new SgmNames(layers(base.paths(), Component.UNET));
        for (String path : base.paths()) {
            Component component = Component.of(path);
            add(component, component.layer(path), path);
            if (component == Component.UNET) {
                sgm.of(component.layer(path)).ifPresent(name -> add(component, name, path));
            }
        }
    }

    private static boolean isT5OfFlux(Component component, BaseModules base) {
        return component == Component.TEXT_ENCODER_2
                && JointNames.known(base).filter(JointNames.FLUX::equals).isPresent();
    }

    private static Collection<String> layers(Collection<String> paths, Component component) {
        return paths.stream()
                .filter(path -> Component.of(path) == component)
                .map(component::layer)
                .collect(Collectors.toSet());
    }

    private void add(Component component, String layer, String path) {
        List<String> prefixes = new ArrayList<>(component.kohyaPrefixes());
        if (component == Component.UNET || component == Component.TRANSFORMER) {
            prefixes.add(LYCORIS);
        }
        if (isT5OfFlux(component, base)) {
            prefixes.add(T5);
        }
        for (String prefix : prefixes) {
            pathsOf.computeIfAbsent(prefix + underscored(layer), name -> new TreeSet<>())
                    .add(path);
        }
    }

    /**
     * An adapter by the names to write.
     *
     * @param where the file, for messages
     * @param base the model, as far as it is known: the first of several text encoders is te1, an only one te
     * @throws UserException if there is no name for a layer, or several and the model that would tell is not known
     */
    static SortedMap<String, LoraPair> named(String where, LoraWeights weights, BaseModules base) {
        SortedMap<String, LoraPair> named = new TreeMap<>();
        Optional<JointNames> family = family(where, weights, base);
        boolean several = family.isPresent()
                || weights.components().contains(Component.TEXT_ENCODER_2.folder())
                || base.paths().stream().anyMatch(path -> Component.of(path) == Component.TEXT_ENCODER_2);
        weights.pairs().forEach((path, pair) -> {
            if (Component.of(path) != Component.TRANSFORMER) {
                named.put(of(path, several), pair);
            }
        });
        family.ifPresent(joint ->
                named.putAll(KohyaTransformer.named(where, joint, weights.layers(Component.TRANSFORMER.folder()))));
        return named;
    }

    /** The family of the transformer; empty for a model with a UNet. */
    static Optional<JointNames> family(String where, LoraWeights weights, BaseModules base) {
        SortedMap<String, LoraPair> layers = weights.layers(Component.TRANSFORMER.folder());
        return layers.isEmpty() ? JointNames.known(base) : Optional.of(JointNames.family(where, layers.keySet(), base));
    }

    /**
     * The name to write for a path.
     *
     * @param severalTextEncoders whether the model has more than one, as SDXL does: then the first is te1, else te
     */
    private static String of(String path, boolean severalTextEncoders) {
        Component component = Component.of(path);
        return component.kohyaPrefix(severalTextEncoders) + underscored(component.layer(path));
    }

    private static String underscored(String layer) {
        return layer.replace('.', '_');
    }

    /** The pairs by path that a name of a file and its pair stand for; the name as {@link #target} gives it. */
    Map<String, LoraPair> pairs(String where, String target, LoraPair pair) {
        return transformer.names().contains(target) ? transformer.split(where, target, pair) : Map.of(target, pair);
    }

    /** The path of a name, or the name itself if it stands for several. */
    String target(String where, String name) {
        return transformer.names().contains(name) ? name : path(where, name);
    }

    /**
     * The path of a name.
     *
     * @throws UserException if the model has no such layer, or several that are written alike
     */
    String path(String where, String name) {
        if (pathsOf.isEmpty()) {
            throw UserException.input(where + ": kohya's layout writes layer names without dots (" + Quote.of(name)
                    + "); to tell the layers apart the checkpoint that the adapter is for is needed: name it too");
        }
        List<String> paths = List.copyOf(pathsOf.getOrDefault(name, Set.of()));
        if (paths.isEmpty()) {
            throw UserException.input(where + ": the model has no layer " + Quote.of(name)
                    + Nearest.hint(name, names()) + " (its components: " + components()
                    + "); name the checkpoint that the adapter was trained on");
        }
        if (paths.size() > 1) {
            throw UserException.input(where + ": " + Quote.of(name) + " may be any of the layers " + paths
                    + "; convert the adapter to diffusers' layout with the tool that made it");
        }
        return paths.get(0);
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>(pathsOf.keySet());
        names.addAll(transformer.names());
        return names;
    }

    private Set<String> components() {
        return base.paths().stream()
                .map(path -> Component.of(path).folder())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
