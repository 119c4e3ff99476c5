package org.imagerl.config;

import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Nodes to YAML that {@link YamlReader} reads back to the same values. */
public final class YamlWriter {
    /** Texts that no YAML reader takes for anything else. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_./][A-Za-z0-9_./-]*");

    private static final Pattern WORDS_WITH_MEANING =
            Pattern.compile("(?i)null|true|false|yes|no|on|off|y|n|\\.inf|\\.nan|\\.[0-9].*|\\.e.*|-+|\\.+");

    private final StringBuilder out = new StringBuilder();
    private final UnaryOperator<String> comment;

    private YamlWriter(UnaryOperator<String> comment) {
        this.comment = comment;
    }

    /**
     * The text of a tree.
     *
     * @param comment what stands behind the value of a path
     */
    public static String write(Node.Section root, UnaryOperator<String> comment) {
        YamlWriter writer = new YamlWriter(comment);
        writer.section(root, "", "");
        return writer.out.toString();
    }

    private void section(Node.Section section, String indent, String path) {
        String before = out.toString().endsWith("- ") ? "" : indent;
        for (Map.Entry<String, Node> entry : section.entries().entrySet()) {
            out.append(before).append(text(entry.getKey())).append(':');
            value(entry.getValue(), indent, Words.path(path, entry.getKey()));
            before = indent;
        }
    }

    private void value(Node node, String indent, String path) {
        if (node instanceof Node.Section section && !section.entries().isEmpty()) {
            out.append('\n');
            section(section, indent + "  ", path);
        } else if (node instanceof Node.Items list && list.items().stream().anyMatch(Node.Section.class::isInstance)) {
            out.append('\n');
            items(list, indent + "  ", path);
        } else {
            out.append(' ').append(flow(node)).append(comment.apply(path)).append('\n');
        }
    }

    private void items(Node.Items list, String indent, String path) {
        for (int i = 0; i < list.items().size(); i++) {
            out.append(indent).append("- ");
            String itemPath = path + "[" + i + "]";
            if (list.items().get(i) instanceof Node.Section section
                    && !section.entries().isEmpty()) {
                section(section, indent + "  ", itemPath);
            } else {
                out.append(flow(list.items().get(i)))
                        .append(comment.apply(itemPath))
                        .append('\n');
            }
        }
    }

    /** A value on one line. */
    static String flow(Node node) {
        if (node instanceof Node.Items list) {
            return list.items().stream().map(YamlWriter::flow).toList().toString();
        }
        if (node instanceof Node.Scalar scalar) {
            return scalar.value() instanceof String text ? text(text) : scalar.text();
        }
        return ((Node.Section) node)
                .entries().entrySet().stream()
                        .map(entry -> text(entry.getKey()) + ": " + flow(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String text(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !WORDS_WITH_MEANING.matcher(text).matches();
        return plain ? text : quoted(text);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> quoted.append(escaped(c)));
        return quoted.append('"').toString();
    }

    private static String escaped(int c) {
        if (c == '"' || c == '\\') {
            return "\\" + (char) c;
        }
        boolean printable = c >= ' '
                && !Character.isISOControl(c)
                && c != 0xfeff
                && Character.getType(c) != Character.SURROGATE
                && Character.getType(c) != Character.LINE_SEPARATOR
                && Character.getType(c) != Character.PARAGRAPH_SEPARATOR
                && Character.isDefined(c);
        return printable ? Character.toString(c) : String.format(Locale.ROOT, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
    }
}
