package org.imagerl.scoring.serve;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is to be scored: the images and their prompts, as many.
 *
 * @param images any sizes
 * @param prompts the prompt of each
 */
record Question(List<RgbImage> images, List<Prompt> prompts) {
    /** Levels of nesting: the protocol has four. */
    private static final int MAX_DEPTH = 32;
    /** Every token is an object in memory, some thirty times as large as the two bytes that it may be written with. */
    private static final long MAX_TOKENS = 500_000;

    private static final Pattern DATA = Pattern.compile("data:image/[A-Za-z0-9.+-]{1,64};base64,");
    private static final Pattern BLANKS = Pattern.compile("[\\r\\n\\t ]+");
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_TOKENS)
                            .maxNameLength(1000)
                            .maxNumberLength(100)
                            .maxStringLength(Integer.MAX_VALUE) // the whole is bounded before
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    /**
     * Reads a request.
     *
     * @param memory for the pixels
     * @throws Refusal if it is none
     */
    static Question read(InputStream body, ServerLimits limits, MemoryBudget.Share memory) throws Refusal {
        JsonNode json = json(body);
        JsonNode texts = list(json, "prompt");
        JsonNode images = list(json, "image");
        if (texts.size() != images.size()) {
            throw new Refusal(400, texts.size() + " prompts for " + images.size() + " images; they must be as many");
        }
        if (texts.size() > ServerLimits.IMAGES) {
            throw new Refusal(413, texts.size() + " images; a request has at most " + ServerLimits.IMAGES);
        }
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (!texts.get(i).isString()) {
                throw new Refusal(400, "prompt[" + i + "] is no text");
            }
            String text = texts.get(i).stringValue();
            prompts.add(new Prompt(text, text, metadata(json, i, texts.size())));
        }
        return new Question(images(images, limits.pixels(), memory), prompts);
    }

    private static JsonNode json(InputStream body) throws Refusal {
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException e) {
            throw new Refusal(400, "the request is no JSON: " + Quote.of(String.valueOf(e.getOriginalMessage())));
        }
        throw new Refusal(400, "the request is no JSON object");
    }

    private static JsonNode list(JsonNode question, String key) throws Refusal {
        JsonNode list = question.path(key);
        if (!list.isArray() || list.isEmpty()) {
            throw new Refusal(400, key + " must be a list of at least one");
        }
        return list;
    }

    /** The other fields of a prompt, {@code extra.metadata[index]}; none if they are not sent. */
    private static Map<String, String> metadata(JsonNode question, int index, int count) throws Refusal {
        JsonNode all = question.path("extra").path("metadata");
        if (all.isMissingNode() || all.isNull()) {
            return Map.of();
        }
        if (!all.isArray() || all.size() != count) {
            throw new Refusal(400, "extra.metadata must be a list of " + count + " objects, one per prompt");
        }
        JsonNode own = all.get(index);
        if (!own.isObject() && !own.isNull()) {
            throw new Refusal(400, "extra.metadata[" + index + "] must be an object of texts, or null");
        }
        Map<String, String> fields = new HashMap<>();
        for (String key : own.propertyNames()) {
            JsonNode value = own.get(key);
            if (!value.isNull()) {
                fields.put(key, value.isValueNode() ? value.asString() : value.toString());
            }
        }
        return fields;
    }

    private static List<RgbImage> images(JsonNode list, long maxPixels, MemoryBudget.Share memory) throws Refusal {
        List<RgbImage> images = new ArrayList<>();
        long pixels = 0;
        for (int i = 0; i < list.size(); i++) {
            byte[] file = file(list.get(i), "image[" + i + "]");
            try {
                ImageDecoder.Size size = ImageDecoder.size(file, "image[" + i + "]");
                long own = (long) size.width() * size.height();
                pixels += own;
                if (pixels > maxPixels) {
                    throw new Refusal(
                            413,
                            "the images up to image[" + i + "] have " + pixels + " pixels; a request has at most "
                                    + maxPixels + "; send fewer or smaller images");
                }
                memory.grow(3 * own);
                images.add(ImageDecoder.decode(file, "image[" + i + "]"));
            } catch (UserException e) {
                int status = e.kind() == UserException.Kind.RESOURCES ? 413 : 400;
                throw new Refusal(status, String.valueOf(e.getMessage()));
            }
        }
        return images;
    }

    private static byte[] file(JsonNode node, String name) throws Refusal {
        if (!node.isString()) {
            throw new Refusal(400, name + " is no text; it must be the file of an image in base64");
        }
        String text = node.stringValue();
        var data = DATA.matcher(text);
        String code = data.lookingAt() ? text.substring(data.end()) : text;
        try {
            return Base64.getDecoder().decode(BLANKS.matcher(code).replaceAll(""));
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, name + " is no base64: " + Quote.of(String.valueOf(e.getMessage())));
        }
    }
}
