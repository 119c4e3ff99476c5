package org.imagerl.toolkit.lora.files;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.toolkit.safetensors.Quote;

/**
 * Kohya's names of layers, which have underscores for dots: {@code lora_unet_mid_block_attentions_0_proj_in}. The way back
 * needs the layers of the base model, since layer names have underscores of their own.
 */
final class KohyaNames {
    private final BaseModules base;
    private final Map<String, Set<String>> pathsOf = new TreeMap<>();

    KohyaNames(BaseModules base) {
        this.base = base;
        SgmNames sgm = new SgmNames(layers(base.paths(), Component.UNET));
        for (String path : base.paths()) {
            Component component = Component.of(path);
            add(component, component.layer(path), path);
            if (component == Component.UNET) {
                sgm.of(component.layer(path)).ifPresent(name -> add(component, name, path));
            }
        }
    }

    private static Collection<String> layers(Collection<String> paths, Component component) {
        return paths.stream()
                .filter(path -> Component.of(path) == component)
                .map(component::layer)
                .collect(Collectors.toSet());
    }

    private void add(Component component, String layer, String path) {
        for (String prefix : component.kohyaPrefixes()) {
            pathsOf.computeIfAbsent(prefix + underscored(layer), name -> new TreeSet<>())
                    .add(path);
        }
    }

    /**
     * The name to write for a path.
     *
     * @param severalTextEncoders whether the model has more than one, as SDXL does: then the first is te1, else te
     */
    static String of(String path, boolean severalTextEncoders) {
        Component component = Component.of(path);
        return component.kohyaPrefix(severalTextEncoders) + underscored(component.layer(path));
    }

    private static String underscored(String layer) {
        return layer.replace('.', '_');
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
                    + Nearest.hint(name, pathsOf.keySet()) + " (its components: " + components()
                    + "); name the checkpoint that the adapter was trained on");
        }
        if (paths.size() > 1) {
            throw UserException.input(where + ": " + Quote.of(name) + " may be any of the layers " + paths
                    + "; convert the adapter to diffusers' layout with the tool that made it");
        }
        return paths.get(0);
    }

    private Set<String> components() {
        return base.paths().stream()
                .map(path -> Component.of(path).folder())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
