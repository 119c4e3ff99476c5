package org.imagerl.images;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A workflow of ComfyUI as it stands in its images: nodes by number, each with a {@code class_type} and {@code inputs}, which are values
 * or links {@code [number, output]}. From each sampler the positive conditioning is followed to the nodes that encode text, and from
 * those the text where it is a link. Nothing is guessed: at a node that may change a text, and at several texts, there is no prompt.
 */
final class ComfyGraph {
    private static final int MAX_DEPTH = 200;
    /** Links followed from texts: each of many nodes may link twice to the one before it. */
    private static final int MAX_STEPS = 1000;

    private static final List<String> GUIDER_INPUTS = List.of("positive", "conditioning", "cond1", "cond2");
    private static final List<String> CONDITIONING = List.of("cond", "positive");
    private static final Set<String> ENCODED = Set.of(
            "text",
            "text_g",
            "text_l",
            "clip_l",
            "clip_g",
            "t5xxl",
            "llama",
            "qwen25_7b",
            "bert",
            "mt5xl",
            "prompt",
            "user_prompt",
            "tags",
            "lyrics",
            "positive",
            "positive_prompt");
    private static final Set<String> STRINGS =
            Set.of("value", "text", "string", "string_field", "prompt", "positive", "positive_prompt", "source");
    private static final Pattern STRING_NODE =
            Pattern.compile("primitive|string|text|prompt|show|note|literal|reroute|value|constant|get");
    private static final Pattern CHANGING = Pattern.compile(
            "random|wildcard|dynamic|generat|llm|gpt|ollama|style|tagger|caption|translat|replace|interrogat|switch|regex|trim|substring|truncate|case|concat|join");

    private final JsonNode nodes;
    private final Set<String> texts = new LinkedHashSet<>();
    private final Set<String> visited = new HashSet<>();
    private String unknown = "";
    private int steps;

    /** Where a link leads. */
    private record Link(String node, int output) {}

    ComfyGraph(JsonNode nodes) {
        this.nodes = nodes;
    }

    /** Whether it is a workflow, and not other JSON. */
    static boolean is(JsonNode json) {
        return json.isObject()
                && !json.isEmpty()
                && json.valueStream()
                        .allMatch(node -> node.path("class_type").isString()
                                && node.path("inputs").isObject());
    }

    /**
     * The positive prompt.
     *
     * @param source what to call the graph
     */
    EmbeddedPrompt positivePrompt(String source) {
        boolean sampled = false;
        for (JsonNode node : nodes) {
            JsonNode inputs = node.get("inputs");
            if (samples(node)) {
                sampled = true;
                follow(inputs);
            }
        }
        if (!sampled) {
            return none("its ComfyUI graph has no sampler that is known");
        }
        if (!unknown.isEmpty()) {
            return none("in its ComfyUI graph the positive prompt comes from a node " + Quote.of(unknown)
                    + ", which is not followed");
        }
        if (texts.size() != 1) {
            return none(
                    texts.isEmpty()
                            ? "in its ComfyUI graph the positive prompt is empty"
                            : "its ComfyUI graph has " + texts.size() + " different positive prompts");
        }
        return new EmbeddedPrompt(texts.iterator().next(), source, "");
    }

    private static boolean samples(JsonNode node) {
        JsonNode inputs = node.get("inputs");
        boolean positive = link(inputs.path("positive")) != null;
        return (positive && link(inputs.path("model")) != null)
                || (name(node).contains("sampl") && (positive || link(inputs.path("guider")) != null));
    }

    private static EmbeddedPrompt none(String reason) {
        return new EmbeddedPrompt("", "", reason);
    }

    private void follow(JsonNode inputs) {
        Link guider = link(inputs.path("guider"));
        if (guider != null) {
            JsonNode given = node(guider).path("inputs");
            GUIDER_INPUTS.stream().filter(given::has).forEach(input -> conditioning(given.get(input), 0));
        }
        if (inputs.has("positive")) {
            conditioning(inputs.get("positive"), 0);
        }
    }

    private void conditioning(JsonNode value, int depth) {
        Link link = link(value);
        if (link == null || depth > MAX_DEPTH) {
            unknown = unknown.isEmpty() ? "without a link" : unknown;
            return;
        }
        if (!visited.add(link.node + "/" + link.output)) {
            return;
        }
        JsonNode node = node(link);
        JsonNode inputs = node.path("inputs");
        String name = name(node);
        if (name.contains("zeroout")) {
            return; // a conditioning that says nothing
        }
        if (name.contains("encode") && name.contains("text")) {
            encoded(inputs, node, depth);
            return;
        }
        List<JsonNode> before = conditionings(inputs, link.output);
        if (!before.isEmpty()) {
            before.forEach(input -> conditioning(input, depth + 1));
        } else if (inputs.path("positive").isString()) {
            texts(inputs.path("positive"), depth); // a loader that encodes too
        } else {
            onlyLink(node).ifPresentOrElse(only -> conditioning(only, depth + 1), () -> unknown(node));
        }
    }

    /** The links of a node to other conditionings; of one that passes on both prompts, that of its output. */
    private static List<JsonNode> conditionings(JsonNode inputs, int output) {
        if (link(inputs.path("positive")) != null && link(inputs.path("negative")) != null) {
            return List.of(inputs.get(output == 1 ? "negative" : "positive"));
        }
        return inputs.propertyStream()
                .filter(input -> CONDITIONING.stream().anyMatch(input.getKey().toLowerCase(Locale.ROOT)::startsWith))
                .map(Map.Entry::getValue)
                .filter(value -> link(value) != null)
                .toList();
    }

    private void encoded(JsonNode inputs, JsonNode node, int depth) {
        List<JsonNode> given = inputs.propertyStream()
                .filter(input -> ENCODED.contains(input.getKey()))
                .map(Map.Entry::getValue)
                .filter(value -> value.isString() || link(value) != null)
                .toList();
        if (given.isEmpty()) {
            unknown(node);
        }
        given.forEach(value -> texts(value, depth + 1));
    }

    private void texts(JsonNode value, int depth) {
        String text = text(value, depth);
        if (text != null && !text.isBlank()) {
            texts.add(text.strip());
        }
    }

    /** The text of a value, or of the node that it links to; null if that is not known. */
    private @Nullable String text(JsonNode value, int depth) {
        if (value.isString()) {
            return value.stringValue();
        }
        Link link = link(value);
        if (link == null || depth > MAX_DEPTH || ++steps > MAX_STEPS) {
            unknown = unknown.isEmpty() ? "without a text" : unknown;
            return null;
        }
        JsonNode node = node(link);
        String name = name(node);
        JsonNode inputs = node.path("inputs");
        if (name.equals("stringconcatenate")) {
            String first = text(inputs.path("string_a"), depth + 1);
            String second = text(inputs.path("string_b"), depth + 1);
            return first == null || second == null
                    ? null
                    : first + inputs.path("delimiter").asString("") + second;
        }
        List<JsonNode> strings = new ArrayList<>();
        if (STRING_NODE.matcher(name).find() && !CHANGING.matcher(name).find()) {
            inputs.propertyStream()
                    .filter(input -> STRINGS.contains(input.getKey().toLowerCase(Locale.ROOT)))
                    .map(Map.Entry::getValue)
                    .filter(input -> link(input) != null
                            || (input.isString() && !input.stringValue().isBlank()))
                    .forEach(strings::add);
            if (strings.isEmpty()) {
                onlyLink(node).ifPresent(strings::add);
            }
        }
        if (strings.size() != 1) {
            unknown(node);
            return null;
        }
        return text(strings.get(0), depth + 1);
    }

    /** The link of a node that has one input: a reroute. */
    private static Optional<JsonNode> onlyLink(JsonNode node) {
        JsonNode inputs = node.path("inputs");
        return inputs.size() == 1 && link(inputs.iterator().next()) != null
                ? Optional.of(inputs.iterator().next())
                : Optional.empty();
    }

    private void unknown(JsonNode node) {
        unknown = unknown.isEmpty() ? node.path("class_type").asString("that is missing") : unknown;
    }

    private JsonNode node(Link link) {
        return nodes.path(link.node);
    }

    private static String name(JsonNode node) {
        return node.path("class_type").asString("").toLowerCase(Locale.ROOT);
    }

    private static @Nullable Link link(JsonNode value) {
        return value.isArray()
                        && value.size() == 2
                        && value.get(0).isString()
                        && value.get(1).isInt()
                ? new Link(value.get(0).stringValue(), value.get(1).intValue())
                : null;
    }
}
