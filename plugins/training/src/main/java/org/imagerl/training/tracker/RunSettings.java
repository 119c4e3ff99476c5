package org.imagerl.training.tracker;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.imagerl.config.Node;
import org.imagerl.config.Problems;
import org.imagerl.config.YamlReader;
import org.imagerl.spi.io.BoundedFile;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a run as it took effect.
 *
 * @param yaml the file
 * @param values single values by their path ({@code optimiser.learning_rate}), lists of them as texts; keys without a value are
 *     absent
 */
public record RunSettings(String yaml, SortedMap<String, Object> values) {
    private static final int MAX_BYTES = 1 << 24;

    /**
     * Reads {@code config.yaml}.
     *
     * @throws org.imagerl.spi.UserException if it is no YAML
     */
    public static RunSettings read(Path file) {
        String yaml = BoundedFile.text(file, MAX_BYTES);
        Problems problems = new Problems();
        Node root = YamlReader.read(yaml, file.toString(), problems);
        problems.throwIfAny();
        SortedMap<String, Object> values = new TreeMap<>();
        collect("", root, values);
        return new RunSettings(yaml, values);
    }

    private static void collect(String path, @Nullable Node node, SortedMap<String, Object> values) {
        if (node instanceof Node.Section section) {
            section.entries().forEach((key, value) -> collect(path.isEmpty() ? key : path + "." + key, value, values));
        } else if (node instanceof Node.Items list && !single(list.items())) {
            for (int i = 0; i < list.items().size(); i++) {
                collect(path + "[" + i + "]", list.items().get(i), values);
            }
        } else if (node instanceof Node.Items list) {
            values.put(path, list.items().stream().map(RunSettings::text).collect(Collectors.joining(", ", "[", "]")));
        } else if (node instanceof Node.Scalar scalar && scalar.value() != null) {
            values.put(path, scalar.value());
        }
    }

    private static boolean single(List<Node> items) {
        return items.stream().allMatch(Node.Scalar.class::isInstance);
    }

    private static String text(Node node) {
        return node instanceof Node.Scalar scalar ? scalar.text() : node.kind();
    }

    /** The file as a block of code in Markdown: every line is indented, for no fence is safe from a text of the file. */
    String markdown() {
        return yaml.lines().map("    "::concat).collect(Collectors.joining("\n"));
    }
}
