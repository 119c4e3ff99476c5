package org.imagerl.images.lists;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.imagerl.spi.io.UserText;
import org.imagerl.spi.text.Quote;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Entries of JSON lines. The fields of an object {@code metadata} count as those of the entry itself. */
final class JsonEntries {
    /** Python's json writes NaN and Infinity. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private static final String METADATA = "metadata";

    private final ListFile.Fields names;
    private final ListFile.Entries entries;
    private int line;
    private boolean broken;

    JsonEntries(ListFile.Fields names, ListFile.Entries entries) {
        this.names = names;
        this.entries = entries;
    }

    void read(String text) {
        for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
            String content = UserText.withoutMark(lines.next());
            line++;
            if (!content.isBlank()) {
                line(content);
            }
        }
    }

    private void line(String content) {
        broken = false;
        Map<String, String> fields = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(content)) {
            object(parser, fields);
            if (!broken && parser.nextToken() != null) {
                problem("", "has something behind its object; one object per line");
            }
        } catch (JacksonException e) {
            problem("", "is no JSON object: " + Quote.of(e.getOriginalMessage()));
        }
        if (!broken) {
            entries.entry(line, fields);
        }
    }

    private void object(JsonParser parser, Map<String, String> fields) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            problem("", "must be an object: {\"name\": ...}");
            return;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            JsonNode value = parser.readValueAsTree();
            if (name.equals(METADATA) && value.isObject()) {
                value.properties().forEach(inner -> put(inner.getKey(), inner.getValue(), fields, true));
            } else {
                put(name, value, fields, false);
            }
        }
    }

    private void put(String name, JsonNode value, Map<String, String> fields, boolean inner) {
        if (value.isNull()) {
            return;
        }
        String text = value.isContainer() ? value.toString() : value.asString();
        if (!names.used().contains(name)) {
            extra(name, text, fields, inner);
        } else if (value.isContainer()) {
            problem(name, "must be a single value");
        } else if (names.texts().contains(name) && !value.isString()) {
            problem(name, "must be a text");
        } else if (fields.put(name, text) != null) {
            problem(name, "is given twice");
        }
    }

    /** Of several values the last counts, as in Python, but none in {@code metadata} replaces one of the entry itself. */
    private static void extra(String name, String text, Map<String, String> fields, boolean inner) {
        if (text.length() <= ListFile.MAX_EXTRA_CHARS && !(inner && fields.containsKey(name))) {
            fields.put(name, text);
        }
    }

    private void problem(String field, String message) {
        broken = true;
        entries.problem(line, field, message);
    }
}
