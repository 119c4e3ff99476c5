package org.imagerl.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The prompt that an image file was made for, in the forms in which programs that make images write it: the text
 * {@code prompt} of imagerl, the {@code parameters} of AUTOMATIC1111's web UI and those that follow it (in JPEG and
 * WebP the EXIF tag UserComment), the {@code invokeai_metadata} of InvokeAI, and the graph of ComfyUI under
 * {@code prompt}, of which the positive prompt is taken where it is one text.
 *
 * @param text the prompt; empty if there is none
 * @param source what of the file it was taken from; empty if there is none
 * @param reason why there is none although the file says something; else empty
 */
public record EmbeddedPrompt(String text, String source, String reason) {
    /** That of a file which says nothing of a prompt. */
    public static final EmbeddedPrompt NONE = new EmbeddedPrompt("", "", "");

    private static final String PROMPT = "prompt";
    private static final List<String> PARAMETERS = List.of("parameters", ImageTexts.USER_COMMENT);
    private static final String INVOKE = "invokeai_metadata";
    private static final Pattern AFTER_PROMPT = Pattern.compile("(?m)^\\s*(Negative prompt:|Steps: *\\d)");
    /** ComfyUI writes NaN. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /**
     * The prompt of an image file.
     *
     * @throws UserException if the file cannot be read, its texts are damaged, or they are too long
     */
    public static EmbeddedPrompt read(Path file) {
        return of(ImageTexts.read(file));
    }

    /** The prompt among the texts of a file, by keyword. */
    static EmbeddedPrompt of(Map<String, String> texts) {
        String prompt = texts.getOrDefault(PROMPT, "");
        JsonNode json = json(prompt);
        if (!prompt.isBlank() && (json == null || !ComfyGraph.is(json)) && !looksLikeGraph(prompt)) {
            return new EmbeddedPrompt(prompt, "text " + PROMPT, "");
        }
        for (String keyword : PARAMETERS) {
            String text = parameters(texts.getOrDefault(keyword, ""));
            if (!text.isEmpty()) {
                return new EmbeddedPrompt(text, keyword.startsWith("EXIF") ? keyword : "text " + keyword, "");
            }
        }
        JsonNode invoke = json(texts.getOrDefault(INVOKE, ""));
        String positive = invoke == null ? "" : invoke.path("positive_prompt").asString("");
        if (!positive.isBlank()) {
            return new EmbeddedPrompt(positive.strip(), "text " + INVOKE, "");
        }
        return graph(prompt, texts);
    }

    private static EmbeddedPrompt graph(String prompt, Map<String, String> texts) {
        String model = texts.getOrDefault(ImageTexts.MODEL, "");
        boolean inExif = prompt.isBlank() && model.startsWith(PROMPT + ":");
        String graph = inExif ? model.substring(PROMPT.length() + 1) : prompt;
        if (graph.isBlank()) {
            return NONE;
        }
        JsonNode json = json(graph);
        if (json == null || !ComfyGraph.is(json)) {
            return inExif ? NONE : new EmbeddedPrompt("", "", "its ComfyUI graph is damaged");
        }
        String source = "ComfyUI graph in " + (inExif ? ImageTexts.MODEL : "text " + PROMPT);
        return new ComfyGraph(json).positivePrompt(source);
    }

    /** A graph that was cut is no prompt either. */
    private static boolean looksLikeGraph(String text) {
        return text.stripLeading().startsWith("{") && text.contains("\"class_type\"");
    }

    /** The prompt of AUTOMATIC1111's parameters, or of those in JSON that Fooocus and SwarmUI write; empty if it is neither. */
    private static String parameters(String text) {
        JsonNode json = json(text);
        if (json != null && json.isObject()) {
            String plain = json.path(PROMPT).asString("");
            return (plain.isBlank() ? json.path("sui_image_params").path(PROMPT).asString("") : plain).strip();
        }
        return AFTER_PROMPT.split(text, 2)[0].strip();
    }

    private static @Nullable JsonNode json(String text) {
        if (!text.stripLeading().startsWith("{")) {
            return null;
        }
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            return null; // some other text that begins with a brace
        }
    }
}
