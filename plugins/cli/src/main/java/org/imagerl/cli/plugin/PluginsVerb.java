package org.imagerl.cli.plugin;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.config.ConfigKeys;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Factory;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.lora.LoraLayout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code imagerl plugins}: what there is to choose from. */
@Command(
        name = "plugins",
        mixinStandardHelpOptions = true,
        header = "Lists what a configuration can name.",
        description = "Algorithms, pipelines, rewards, dynamics and the other parts. Plugins are the built-in "
                + "modules, jars in the plugins/ folder of the distribution, and those of --plugin-path.")
final class PluginsVerb implements Callable<Integer> {
    private static final String LORA_LAYOUT = "LoRA layout";

    private final CliContext session;

    PluginsVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        PrintWriter out = session.out();
        Registry registry = session.registry();
        out.println("plugins");
        rows(
                out,
                registry.plugins().stream()
                        .map(plugin -> List.of(plugin.name(), plugin.getClass().getName()))
                        .toList());
        part(out, "algorithm", registry.presets().stream().map(Offer::of).toList());
        part(out, "pipeline", registry.pipelines().stream().map(Offer::of).toList());
        part(out, LORA_LAYOUT, registry.loraLayouts().stream().map(Offer::of).toList());
        for (Kind<?> kind : Kind.ALL) {
            part(
                    out,
                    kind.label(),
                    registry.factories(kind).values().stream().map(Offer::of).toList());
        }
        return ExitCode.OK;
    }

    private record Offer(String name, String description) {
        static Offer of(Preset preset) {
            return new Offer(preset.name(), preset.description());
        }

        static Offer of(PipelineFactory family) {
            return new Offer(family.name(), family.description());
        }

        static Offer of(LoraLayout layout) {
            return new Offer(layout.name(), layout.description());
        }

        static Offer of(Factory<?, ?> factory) {
            return new Offer(factory.name(), factory.description());
        }
    }

    private static void part(PrintWriter out, String label, List<Offer> offers) {
        if (!offers.isEmpty()) {
            out.println();
            out.println(label);
            rows(
                    out,
                    offers.stream()
                            .map(offer -> List.of(offer.name(), offer.description()))
                            .toList());
        }
    }

    /** Rows of columns, indented; the last column is as wide as it is. */
    private static void rows(PrintWriter out, Collection<List<String>> rows) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append("  ")
                        .append(row.get(i))
                        .append(" ".repeat(widths.get(i) - row.get(i).length()));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /** {@code imagerl plugins describe}. */
    @Command(
            name = "describe",
            mixinStandardHelpOptions = true,
            header = "Says what a name means, with its keys and their defaults.")
    static final class Describe implements Callable<Integer> {
        private final CliContext session;

        @Parameters(
                paramLabel = "NAME",
                description = "The name of an algorithm, a pipeline, a reward or another part.")
        private String name = "";

        Describe(CliContext session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Registry registry = session.registry();
            List<String> known = new ArrayList<>();
            boolean found = false;
            for (Preset preset : registry.presets()) {
                known.add(preset.name());
                found |= preset.name().equals(name) && describe(preset);
            }
            for (PipelineFactory family : registry.pipelines()) {
                known.add(family.name());
                found |= family.name().equals(name) && head("pipeline", family.description(), plugin(family));
            }
            for (LoraLayout layout : registry.loraLayouts()) {
                known.add(layout.name());
                found |= layout.name().equals(name) && head(LORA_LAYOUT, layout.description(), plugin(layout));
            }
            for (Kind<?> kind : Kind.ALL) {
                known.addAll(registry.factories(kind).keySet());
                Factory<?, ?> factory = registry.factories(kind).get(name);
                found |= factory != null && describe(kind, factory);
            }
            if (!found) {
                throw UserException.input(
                        "nothing is named " + name + Nearest.hint(name, known) + " (imagerl plugins lists all names)");
            }
            return ExitCode.OK;
        }

        private boolean describe(Preset preset) {
            head("algorithm", preset.description(), "");
            session.out().println("  " + preset.citation());
            List<List<String>> rows = new ArrayList<>();
            preset.sections()
                    .forEach((part, settings) -> rows.add(List.of("algorithm." + part + ":", settings.toString())));
            preset.rollout().forEach((key, value) -> rows.add(List.of("rollout." + key + ":", value.toString())));
            preset.run()
                    .forEach((section, settings) -> settings.forEach(
                            (key, value) -> rows.add(List.of(section + "." + key + ":", value.toString()))));
            rows.sort((a, b) -> a.get(0).compareTo(b.get(0)));
            rows(session.out(), rows);
            return true;
        }

        private boolean describe(Kind<?> kind, Factory<?, ?> factory) {
            head(kind.label(), factory.description(), plugin(kind, factory));
            List<ConfigKeys.Key> keys = ConfigKeys.of(factory);
            session.out().println(keys.isEmpty() ? "  no settings" : "  settings:");
            rows(
                    session.out(),
                    keys.stream()
                            .map(key -> List.of("  " + key.name(), key.type(), key.value()))
                            .toList());
            return true;
        }

        private boolean head(String label, String description, String plugin) {
            session.out().println(label + " " + name + ": " + description + plugin);
            return true;
        }

        private String plugin(PipelineFactory family) {
            return by(session.registry().plugins().stream()
                    .filter(plugin -> plugin.pipelines().stream()
                            .anyMatch(each -> each.name().equals(family.name())))
                    .toList());
        }

        private String plugin(LoraLayout layout) {
            return by(session.registry().plugins().stream()
                    .filter(plugin -> plugin.loraLayouts().stream()
                            .anyMatch(each -> each.name().equals(layout.name())))
                    .toList());
        }

        private String plugin(Kind<?> kind, Factory<?, ?> factory) {
            return by(session.registry().plugins().stream()
                    .filter(plugin -> kind.factories().apply(plugin).stream()
                            .anyMatch(each -> each.name().equals(factory.name())))
                    .toList());
        }

        private static String by(List<Plugin> plugins) {
            return " (plugin " + plugins.get(0).name() + ")";
        }
    }
}
