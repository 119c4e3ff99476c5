package org.imagerl.latent.checkpoint;

import java.util.List;
import org.imagerl.spi.io.StrictJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Builds configuration files as diffusers and transformers write them. */
public final class ConfigJson {
    private static final String DIFFUSERS_VERSION = "0.36.0";

    private ConfigJson() {}

    /** The begin of a description of one of diffusers' classes. */
    public static ObjectNode diffusers(String className) {
        return StrictJson.newObject().put("_class_name", className).put("_diffusers_version", DIFFUSERS_VERSION);
    }

    /** Puts a list of numbers. */
    public static void integers(ObjectNode node, String key, List<Integer> values) {
        ArrayNode array = node.putArray(key);
        values.forEach(array::add);
    }

    /** Puts a list of texts. */
    public static void strings(ObjectNode node, String key, List<String> values) {
        ArrayNode array = node.putArray(key);
        values.forEach(array::add);
    }
}
