package org.imagerl.rewards.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a prompt asks for, in the fields of GenEval's lists:
 * {@code {"tag": "counting", "include": [{"class": "cat", "count": 2}],
 * "exclude": [{"class": "cat", "count": 3}], "prompt": "a photo of two cats"}}.
 *
 * <p>Source: Ghosh, Hajishirzi, Schmidt, GenEval: An Object-Focused Framework for Evaluating Text-to-Image Alignment,
 * 2023, arXiv 2310.11513; create_prompts.py of its code.
 *
 * @param tag the kind of task; empty if it is not said
 * @param include all of these must be there, in this order
 * @param exclude none of these may be there
 */
record Task(String tag, List<Wanted> include, List<Wanted> exclude) {
    static final List<String> COLOURS =
            List.of("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white");

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> POSITIONS = List.of("left of", "right of", "above", "below");
    private static final Set<String> KEYS = Set.of("class", "count", "color", "position");
    private static final int MOST = 100;

    /**
     * Objects of one class.
     *
     * @param name of the class
     * @param count how many, at least 1
     * @param colour one of {@link #COLOURS}, or null
     * @param position how each lies to the objects of {@code target}, or null
     * @param target index in {@code include} of what the position is relative to
     */
    record Wanted(
            String name,
            int count,
            @Nullable String colour,
            @Nullable String position,
            int target) {}

    /** Whether objects are counted, which takes more certain ones. */
    boolean counts() {
        return tag.equals("counting");
    }

    /**
     * Reads the fields of a prompt.
     *
     * @throws UserException naming the prompt and the field, if something is missing or not as GenEval has it
     */
    static Task of(Prompt prompt) {
        Reader reader = new Reader(prompt);
        List<Wanted> include = reader.list("include");
        if (include.isEmpty()) {
            throw reader.refusal("include", "asks for no object", "");
        }
        return new Task(prompt.metadata().getOrDefault("tag", ""), include, reader.list("exclude"));
    }

    private record Reader(Prompt prompt) {

        List<Wanted> list(String field) {
            JsonNode json = json(field);
            if (!json.isArray() || json.size() > MOST) {
                throw refusal(field, "is no list of at most " + MOST + " objects", "");
            }
            List<Wanted> all = new ArrayList<>();
            for (JsonNode node : json) {
                all.add(wanted(field, node, all.size()));
            }
            return List.copyOf(all);
        }

        private JsonNode json(String field) {
            String text = prompt.metadata().get(field);
            if (text == null && field.equals("include")) {
                throw UserException.input("detector: the prompt " + Quote.of(prompt.text())
                        + " has no field include, which says what the image should show; add it to the prompt file"
                        + " (.jsonl), as GenEval's lists have it: \"include\": [{\"class\": \"cat\", \"count\": 2}]");
            }
            try {
                return text == null ? JSON.createArrayNode() : JSON.readTree(text);
            } catch (JacksonException e) {
                throw refusal(field, "is no JSON", text == null ? "" : text);
            }
        }

        private Wanted wanted(String field, JsonNode node, int index) {
            String shown = node.toString();
            if (!node.isObject() || !KEYS.containsAll(node.propertyNames())) {
                throw refusal(
                        field, "has an entry that is no object with the keys class, count, color, position", shown);
            }
            JsonNode count = node.path("count");
            if (!node.path("class").isString()
                    || !count.isIntegralNumber()
                    || !count.canConvertToInt()
                    || count.intValue() < 1) {
                throw refusal(field, "needs a class that is a text, and a count of at least 1", shown);
            }
            JsonNode colour = node.path("color");
            if (!colour.isMissingNode() && !(colour.isString() && COLOURS.contains(colour.stringValue()))) {
                throw refusal(field, "has a color that is none of " + String.join(", ", COLOURS), shown);
            }
            JsonNode position = node.path("position");
            if (!position.isMissingNode() && !isPosition(position, index)) {
                throw refusal(
                        field,
                        "has a position that is not [one of " + String.join(", ", POSITIONS)
                                + ", the number of an earlier entry from 0]",
                        shown);
            }
            return new Wanted(
                    node.path("class").stringValue(),
                    count.intValue(),
                    colour.isMissingNode() ? null : colour.stringValue(),
                    position.isMissingNode() ? null : position.get(0).stringValue(),
                    position.isMissingNode() ? 0 : position.get(1).intValue());
        }

        private static boolean isPosition(JsonNode position, int index) {
            return position.isArray()
                    && position.size() == 2
                    && position.get(0).isString()
                    && POSITIONS.contains(position.get(0).stringValue())
                    && position.get(1).isIntegralNumber()
                    && position.get(1).canConvertToInt()
                    && position.get(1).intValue() >= 0
                    && position.get(1).intValue() < index;
        }

        UserException refusal(String field, String what, String value) {
            return UserException.input("detector: the field " + field + " of the prompt " + Quote.of(prompt.text())
                    + " " + what + (value.isEmpty() ? "" : ": " + Quote.of(value)));
        }
    }
}
