package org.imagerl.config.registry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.imagerl.spi.Factory;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.text.Quote;

/** What all plugins together offer, by kind and name. */
public final class Registry {
    private final List<Plugin> plugins = new ArrayList<>();
    private final Map<Kind<?>, SortedMap<String, Offer<Factory<?, ?>>>> factories = new HashMap<>();
    private final SortedMap<String, Offer<Preset>> presets = new TreeMap<>();
    private final SortedMap<String, Offer<PipelineFactory>> pipelines = new TreeMap<>();
    private final SortedMap<String, Offer<LoraLayout>> loraLayouts = new TreeMap<>();
    private final List<String> warnings = new ArrayList<>();
    private final NavigableSet<Path> foreignJars = new TreeSet<>();

    private record Offer<T>(T what, Plugin plugin) {}

    private Registry(Collection<? extends Plugin> plugins, Collection<String> warnings) {
        this.warnings.addAll(warnings);
        plugins.forEach(this::add);
    }

    /**
     * The plugins of the class path and of the given folders and jars. Jars share one class loader: natives can be loaded by
     * one only, and plugins hand tensors to each other.
     *
     * @param pluginPath jars, or folders of jars
     * @throws UserException if a path is missing or two plugins use the same name
     */
    public static Registry load(List<Path> pluginPath) {
        List<String> warnings = new ArrayList<>();
        Registry registry = new Registry(PluginLoader.load(PluginLoader.classLoader(pluginPath), warnings), warnings);
        registry.foreignJars.addAll(PluginLoader.jars(pluginPath));
        registry.plugins.stream()
                .filter(plugin -> !plugin.getClass().getName().startsWith("org.imagerl."))
                .forEach(plugin -> PluginLoader.jarOf(plugin).ifPresent(registry.foreignJars::add));
        return registry;
    }

    /** Exactly these plugins. */
    public static Registry of(Plugin... plugins) {
        return new Registry(List.of(plugins), List.of());
    }

    /** These plugins and more of them. */
    public Registry with(Plugin... more) {
        List<Plugin> all = new ArrayList<>(plugins);
        all.addAll(List.of(more));
        Registry registry = new Registry(all, warnings);
        registry.foreignJars.addAll(foreignJars);
        return registry;
    }

    /** Plugins in the order of their names. */
    public List<Plugin> plugins() {
        return List.copyOf(plugins);
    }

    /** The jars of others: all of the plugin path, and those on the class path that hold a plugin. What a run computes depends on them. */
    public List<Path> foreignJars() {
        return List.copyOf(foreignJars);
    }

    /** The plugins that could not be loaded and why, a line each. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** The factories of a kind by name. */
    public <T> SortedMap<String, Factory<? extends T, ?>> factories(Kind<T> kind) {
        SortedMap<String, Factory<? extends T, ?>> byName = new TreeMap<>();
        offers(kind).forEach((name, offer) -> byName.put(name, typed(offer.what())));
        return byName;
    }

    /**
     * The factory of a name, or of a name that another program has for its part.
     *
     * @throws UserException listing the known names, with the nearest
     */
    public <T> Factory<? extends T, ?> factory(Kind<T> kind, String name) {
        SortedMap<String, Offer<Factory<?, ?>>> offers = offers(kind);
        Offer<Factory<?, ?>> offer = offers.get(name);
        SortedMap<String, Factory<?, ?>> foreign = new TreeMap<>();
        offers.values().forEach(one -> one.what().otherNames().forEach(other -> foreign.put(other, one.what())));
        Factory<?, ?> found = offer == null ? foreign.get(name) : offer.what();
        if (found == null) {
            throw UserException.input(unknown(kind.label(), name, offers.keySet(), foreign.keySet()));
        }
        return typed(found);
    }

    /** The algorithms that have a name. */
    public List<Preset> presets() {
        return presets.values().stream().map(Offer::what).toList();
    }

    /**
     * The algorithm of a name.
     *
     * @throws UserException listing the known names, with the nearest
     */
    public Preset preset(String name) {
        return find("algorithm", presets, name);
    }

    /** The checkpoint families. */
    public List<PipelineFactory> pipelines() {
        return pipelines.values().stream().map(Offer::what).toList();
    }

    /**
     * The family of a checkpoint folder.
     *
     * @throws UserException if no family, or more than one, recognises the folder
     */
    public PipelineFactory pipeline(Path folder) {
        return pipeline(folder, folder.toString());
    }

    /**
     * The same for a path that was resolved.
     *
     * @param written as the user wrote it, for the message
     */
    public PipelineFactory pipeline(Path folder, String written) {
        List<PipelineFactory> found =
                pipelines().stream().filter(family -> family.recognises(folder)).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        List<String> names = (found.isEmpty() ? pipelines() : found)
                .stream().map(PipelineFactory::name).toList();
        if (found.isEmpty()) {
            Optional<String> other = pipelines().stream()
                    .flatMap(family -> family.identify(folder).stream())
                    .findFirst();
            throw other.map(what -> UserException.input(folder + ": is " + what))
                    .orElseGet(() -> CheckpointPath.problem(folder, written, names));
        }
        throw UserException.input(folder + ": is a checkpoint of several families (" + String.join(", ", names) + ")");
    }

    /** The layouts of adapters. */
    public List<LoraLayout> loraLayouts() {
        return loraLayouts.values().stream().map(Offer::what).toList();
    }

    /**
     * The layout of a name.
     *
     * @throws UserException listing the known names, with the nearest
     */
    public LoraLayout loraLayout(String name) {
        return find("LoRA layout", loraLayouts, name);
    }

    private void add(Plugin plugin) {
        try {
            List<Runnable> additions = new ArrayList<>();
            for (Kind<?> kind : Kind.ALL) {
                kind.factories()
                        .apply(plugin)
                        .forEach(made ->
                                additions.add(() -> put(kind.label(), offers(kind), Factory::name, made, plugin)));
            }
            plugin.presets().forEach(p -> additions.add(() -> put("algorithm", presets, Preset::name, p, plugin)));
            plugin.pipelines()
                    .forEach(p -> additions.add(() -> put("pipeline", pipelines, PipelineFactory::name, p, plugin)));
            plugin.loraLayouts()
                    .forEach(p -> additions.add(() -> put("LoRA layout", loraLayouts, LoraLayout::name, p, plugin)));
            additions.forEach(Runnable::run);
            plugins.add(plugin);
        } catch (LinkageError e) {
            warnings.add("plugin " + plugin.getClass().getName() + " is left out: " + e);
        }
    }

    private SortedMap<String, Offer<Factory<?, ?>>> offers(Kind<?> kind) {
        return factories.computeIfAbsent(kind, k -> new TreeMap<>());
    }

    private static <T> void put(
            String label, Map<String, Offer<T>> offers, Function<T, String> name, T what, Plugin plugin) {
        Offer<T> other = offers.putIfAbsent(name.apply(what), new Offer<>(what, plugin));
        if (other != null) {
            throw UserException.input("two plugins have a " + label + " named " + name.apply(what) + ": "
                    + other.plugin().getClass().getName() + " and "
                    + plugin.getClass().getName() + "; remove one of the jars");
        }
    }

    private static <T> T find(String label, SortedMap<String, Offer<T>> offers, String name) {
        Offer<T> offer = offers.get(name);
        if (offer == null) {
            throw UserException.input(unknown(label, name, offers.keySet(), Set.of()));
        }
        return offer.what();
    }

    /** The error for an unknown name. What other programs say is not listed, but may have been meant. */
    private static String unknown(String label, String name, Collection<String> known, Collection<String> foreign) {
        List<String> candidates = new ArrayList<>(known);
        candidates.addAll(foreign);
        return "there is no " + label + " named " + Quote.unquoted(name) + Nearest.hint(name, candidates)
                + (known.isEmpty() ? " (no plugin has one)" : " (known: " + String.join(", ", known) + ")");
    }

    @SuppressWarnings("unchecked") // what a kind lists makes that kind
    private static <T> Factory<? extends T, ?> typed(Factory<?, ?> factory) {
        return (Factory<? extends T, ?>) factory;
    }
}
