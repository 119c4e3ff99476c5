package org.imagerl.config;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.imagerl.config.Problems.Problem;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;
import tools.jackson.dataformat.yaml.YAMLReadFeature;

/**
 * YAML 1.2 (core schema) to nodes. One document; no aliases, tags or duplicate keys. Plain {@code yes}, {@code no} and
 * {@code on} are texts, as the standard says.
 */
public final class YamlReader {
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE = Set.of("true", "True", "TRUE");
    private static final Set<String> FALSE = Set.of("false", "False", "FALSE");
    /** Characters of a number, at most. */
    private static final int MAX_NUMBER = 400;

    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final YAMLFactory FACTORY =
            YAMLFactory.builder().disable(YAMLReadFeature.EMPTY_STRING_AS_NULL).build();

    private final String source;
    private final List<String> lines;
    private final Problems problems;
    private final YAMLParser parser;
    private int lineOfLetters;
    private int[] letters = {};

    private YamlReader(String text, String source, Problems problems, YAMLParser parser) {
        this.source = source;
        this.lines = text.lines().toList();
        this.problems = problems;
        this.parser = parser;
    }

    /** The tree of a text; an empty section for an empty text. What is wrong goes to the problems, then null may come back. */
    public static @Nullable Node read(String text, String source, Problems problems) {
        try (YAMLParser parser = (YAMLParser) FACTORY.createParser(ObjectReadContext.empty(), text)) {
            YamlReader reader = new YamlReader(text, source, problems, parser);
            JsonToken first = parser.nextToken();
            if (first == null) {
                return new Node.Section(Map.of(), new Origin(source, 1, 1));
            }
            Node root = reader.node(reader.here(), "");
            if (parser.nextToken() != null) {
                problems.add(reader.here(), "", "a second document begins here; there may be one only");
            }
            return root;
        } catch (JacksonException e) {
            problems.add(problem(e, source));
            return null;
        }
    }

    private Node node(Origin origin, String path) {
        refuseExtras(origin, path);
        return switch (parser.currentToken()) {
            case START_OBJECT -> section(origin, path);
            case START_ARRAY -> items(origin, path);
            default -> scalar(origin);
        };
    }

    private Node.Section section(Origin origin, String path) {
        Map<String, Node> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            Origin key = here();
            String name = parser.currentName();
            parser.nextToken();
            String keyPath = Words.path(path, name);
            Node before = entries.putIfAbsent(name, node(key, keyPath));
            if (before != null) {
                problems.add(
                        key,
                        keyPath,
                        "is given twice, first on line " + before.origin().line());
            }
        }
        return new Node.Section(entries, origin);
    }

    private Node.Items items(Origin origin, String path) {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(here(), path + "[" + items.size() + "]"));
        }
        return new Node.Items(items, origin);
    }

    private Node.Scalar scalar(Origin origin) {
        String text = parser.getString();
        return new Node.Scalar(quoted() ? text : plain(text), text, origin);
    }

    /** Jackson does not tell quoted from plain; the first character in the file does, since no plain text begins so. */
    private boolean quoted() {
        Origin at = here();
        if (at.line()
                != lineOfLetters) { // once per line: a file of a stranger may have a hundred thousand values in one
            lineOfLetters = at.line();
            letters = at.line() <= lines.size()
                    ? lines.get(at.line() - 1).codePoints().toArray()
                    : new int[0];
        }
        int[] line = letters;
        return at.column() <= line.length && "\"'|>".indexOf(line[at.column() - 1]) >= 0;
    }

    private static @Nullable Object plain(String text) {
        if (NULLS.contains(text)) {
            return null;
        }
        if (TRUE.contains(text) || FALSE.contains(text)) {
            return TRUE.contains(text);
        }
        if (text.length() > MAX_NUMBER) {
            return text; // to make a number of a million digits takes minutes, and no key wants one
        }
        if (INTEGER.matcher(text).matches()) {
            return new BigInteger(text);
        }
        return FLOAT.matcher(text).matches() ? (Object) Double.valueOf(text) : text;
    }

    private void refuseExtras(Origin origin, String path) {
        if (parser.isCurrentAlias()) {
            problems.add(origin, path, "aliases are not supported; write the value out", "*" + parser.getString());
        } else if (parser.getTypeId() != null) {
            problems.add(origin, path, "tags are not supported", "!" + parser.getTypeId());
        }
    }

    private Origin here() {
        TokenStreamLocation at = parser.currentTokenLocation();
        return new Origin(source, at.getLineNr(), at.getColumnNr());
    }

    private static Problem problem(JacksonException e, String source) {
        if (e.getCause() instanceof MarkedYamlEngineException marked
                && marked.getProblemMark().isPresent()) {
            Mark at = marked.getProblemMark().get();
            return new Problem(new Origin(source, at.getLine() + 1, at.getColumn() + 1), "", marked.getProblem(), "");
        }
        TokenStreamLocation at = e.getLocation();
        Origin origin = at == null ? Origin.of(source) : new Origin(source, at.getLineNr(), at.getColumnNr());
        boolean deep = e instanceof StreamConstraintsException
                && e.getOriginalMessage().contains("nesting depth");
        return new Problem(
                origin,
                "",
                deep ? "lists and sections are nested too deeply, more than 500 of them" : e.getOriginalMessage(),
                "");
    }
}
