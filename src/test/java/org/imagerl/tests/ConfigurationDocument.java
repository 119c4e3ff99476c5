package org.imagerl.tests;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.config.ConfigKeys;
import org.imagerl.config.Words;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Factory;
import org.imagerl.training.config.RunConfigLoader;

/** {@code docs/configuration.md}: every key of a run, and of every part that can be named in one, as the records have them. */
final class ConfigurationDocument {
    private static final String HEAD = """
            # Every key of a configuration

            For those who write the configuration of a run by hand. The first table has all keys of the file, the others the
            settings of the parts that it names by a `type`. `imagerl init` writes a first file, `imagerl config show FILE`
            prints all settings of yours and where each comes from, and `imagerl plugins describe NAME` what one part takes.
            An algorithm brings the parts that are required below `algorithm`, and replaces defaults by the settings of its
            published run (`imagerl plugins describe ddpo`).

            This page is made from the records of the code; ConfigurationDocumentTest says how.

            ## The file

            """;

    private final RecordDocs docs;
    private final Registry registry;
    private final StringBuilder text = new StringBuilder(HEAD);

    private ConfigurationDocument(RecordDocs docs, Registry registry) {
        this.docs = docs;
        this.registry = registry;
    }

    /** The document of the modules in a folder. */
    static String of(Path root, Registry registry) throws IOException {
        ConfigurationDocument document = new ConfigurationDocument(new RecordDocs(root), registry);
        document.table(RunConfigLoader.fields());
        Kind.ALL.forEach(document::kind);
        return document.text.toString();
    }

    private void kind(Kind<?> kind) {
        Map<String, ? extends Factory<?, ?>> factories = registry.factories(kind);
        if (factories.isEmpty()) {
            return;
        }
        text.append("\n## ").append(kind.label()).append("\n");
        factories.forEach((name, factory) -> {
            text.append('\n').append(wrapped("`" + name + "`: " + factory.description() + "."));
            List<ConfigKeys.Field> fields = ConfigKeys.fields(factory);
            if (!fields.isEmpty()) {
                text.append('\n');
                table(fields);
            }
        });
    }

    private void table(List<ConfigKeys.Field> fields) {
        text.append("| key | value | default | |\n|---|---|---|---|\n");
        for (ConfigKeys.Field field : fields) {
            RecordComponent component = field.component();
            text.append("| `")
                    .append(field.path())
                    .append("` | ")
                    .append(cell(field.type()))
                    .append(" | ")
                    .append(shown(field.value()))
                    .append(" | ")
                    .append(snake(docs.of(component.getDeclaringRecord(), component.getName())))
                    .append(" |\n");
        }
    }

    /** Lines of at most 120 characters, as all documents have. */
    private static String wrapped(String sentence) {
        return sentence.replaceAll("(.{1,120})(?: |$)", "$1\n");
    }

    private static String shown(String value) {
        return value.equals("required") || value.equals("optional") ? value : "`" + cell(value) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }

    /** Names of components are keys in snake case. */
    private static String snake(String text) {
        StringBuilder all = new StringBuilder();
        String[] parts = text.split("`", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean name = i % 2 == 1 && parts[i].matches("[a-z]+([A-Z][a-z]*)+");
            all.append(i == 0 ? "" : "`").append(name ? Words.snake(parts[i]) : parts[i]);
        }
        return all.toString();
    }
}
