package org.imagerl.scoring.serve;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.imagerl.images.ImageDecoder;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.spi.work.Workers;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request for scores: images, and as many prompts.
 *
 * @param images any sizes
 * @param prompts the prompt of each
 */
record Question(List<RgbImage> images, List<Prompt> prompts) {
    private static final Pattern DATA = Pattern.compile("data:image/[A-Za-z0-9.+-]{1,64};base64,");
    private static final Pattern BLANKS = Pattern.compile("[\\r\\n\\t ]+");
    /** Images of all requests, one on each core. */
    private static final Workers DECODING = new Workers(Runtime.getRuntime().availableProcessors(), "decoding");

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(ServerLimits.DEPTH)
                            .maxTokenCount(ServerLimits.VALUES)
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
        requireAsMany(texts, images.size());
        int count = count(images);
        JsonNode fields = json.path("extra").path("metadata");
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = text(texts, "prompt", i);
            prompts.add(new Prompt(text, text, fields(fields, "extra.metadata", i, count)));
        }
        return new Question(images(images, "image", Question::file, limits.pixels(), memory), prompts);
    }

    static void requireAsMany(JsonNode texts, int images) throws Refusal {
        if (texts.size() != images) {
            throw new Refusal(400, texts.size() + " prompts for " + images + " images; they must be as many");
        }
    }

    static int count(JsonNode images) throws Refusal {
        if (images.size() > ServerLimits.IMAGES) {
            throw new Refusal(413, images.size() + " images; a request has at most " + ServerLimits.IMAGES);
        }
        return images.size();
    }

    static String text(JsonNode texts, String name, int index) throws Refusal {
        if (!texts.get(index).isString()) {
            throw new Refusal(400, name + "[" + index + "] is no text");
        }
        return texts.get(index).stringValue();
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

    static JsonNode list(JsonNode question, String key) throws Refusal {
        JsonNode list = question.path(key);
        if (!list.isArray() || list.isEmpty()) {
            throw new Refusal(400, key + " must be a list of at least one");
        }
        return list;
    }

    /** The other fields of a prompt, {@code all[index]}; none if they are not sent. */
    static Map<String, String> fields(JsonNode all, String name, int index, int count) throws Refusal {
        if (all.isMissingNode() || all.isNull()) {
            return Map.of();
        }
        if (!all.isArray() || all.size() != count) {
            throw new Refusal(400, name + " must be a list of " + count + " objects, one per prompt");
        }
        JsonNode own = all.get(index);
        if (!own.isObject() && !own.isNull()) {
            throw new Refusal(400, name + "[" + index + "] must be an object of texts, or null");
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

    /** The file of an image out of a value. */
    interface Files {
        /** @throws Refusal if the value is none */
        byte[] file(JsonNode value, String name) throws Refusal;
    }

    /** The images of a list, all counted before the first is decoded; {@code key} is its name. */
    static List<RgbImage> images(JsonNode list, String key, Files files, long maxPixels, MemoryBudget.Share memory)
            throws Refusal {
        List<byte[]> encoded = new ArrayList<>();
        long pixels = 0;
        try {
            for (int i = 0; i < list.size(); i++) {
                String name = key + "[" + i + "]";
                byte[] file = files.file(list.get(i), name);
                ImageDecoder.Size size = ImageDecoder.size(file, name);
                long own = (long) size.width() * size.height();
                pixels += own;
                if (pixels > maxPixels) {
                    throw new Refusal(
                            413,
                            "the images up to " + name + " have " + pixels + " pixels; a request has at most "
                                    + maxPixels + "; send fewer or smaller images");
                }
                memory.grow(3 * own);
                encoded.add(file);
            }
            return DECODING.map(encoded.size(), i -> ImageDecoder.decode(encoded.get(i), key + "[" + i + "]"));
        } catch (UserException e) {
            int status = e.kind() == UserException.Kind.RESOURCES ? 413 : 400;
            throw new Refusal(status, String.valueOf(e.getMessage()));
        }
    }

    private static byte[] file(JsonNode node, String name) throws Refusal {
        if (!node.isString()) {
            throw new Refusal(400, name + " is no text; it must be the file of an image in base64");
        }
        String text = node.stringValue();
        var data = DATA.matcher(text);
        String code = data.lookingAt() ? text.substring(data.end()) : text;
        boolean blanks = "\r\n\t ".chars().anyMatch(blank -> code.indexOf(blank) >= 0); // rare, and dear to take out
        try {
            return Base64.getDecoder().decode(blanks ? BLANKS.matcher(code).replaceAll("") : code);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, name + " is no base64: " + Quote.of(String.valueOf(e.getMessage())));
        }
    }
}
