package org.imagerl.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Context;
import org.imagerl.spi.PartCodec;
import org.imagerl.spi.PartConfig;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The parts of the plugins, by the names and settings that configurations give them.
 *
 * @param registry the plugins
 */
public record RegistryPartCodec(Registry registry) implements PartCodec {
    private static final JsonMapper JSON = new JsonMapper();

    /** The context of factories, in which these plugins are known. */
    public static Context context(
            Registry registry, Path folder, String device, int threads, Consumer<String> warnings) {
        return new Context(folder, device, threads, warnings, new RegistryPartCodec(registry), registry.loraLayouts());
    }

    @Override
    public String write(PartConfig<?> part) {
        Node.Section section = (Node.Section) RecordNodes.node(part, Origin.DEFAULT);
        return JSON.writeValueAsString(plain(Binder.withoutNulls(section)));
    }

    private static @Nullable Object plain(Node node) {
        if (node instanceof Node.Section section) {
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            section.entries().forEach((key, value) -> entries.put(key, plain(value)));
            return entries;
        }
        return node instanceof Node.Items list
                ? list.items().stream().map(RegistryPartCodec::plain).toList()
                : ((Node.Scalar) node).value();
    }

    @Override
    @SuppressWarnings("unchecked") // a kind has the type of its contract
    public <T> PartConfig<T> read(Class<T> contract, String json, String where) {
        return new ConfigLoader(registry).part((Kind<T>) Kind.of(contract), json, where, Overrides.NONE);
    }

    @Override
    public Set<String> types(Class<?> contract) {
        return registry.factories(Kind.of(contract)).keySet();
    }
}
