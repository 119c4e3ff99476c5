package org.imagerl.diffusion.vae;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Weights of VAE files from before diffusers 0.17, whose attention layers have other names, and in files converted from the
 * original release the shapes of 1 x 1 convolutions.
 */
public final class LegacyKeys {
    private static final Pattern OLD =
            Pattern.compile("(.*\\.mid_block\\.attentions\\.0\\.)(query|key|value|proj_attn)(\\.(?:weight|bias))");
    private static final Map<String, String> NAMES =
            Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");
    private static final Pattern ATTENTION_WEIGHT =
            Pattern.compile(".*\\.mid_block\\.attentions\\.0\\.(?:to_q|to_k|to_v|to_out\\.0)\\.weight");

    private LegacyKeys() {}

    /** Today's key for an old one; any other key as it is. */
    public static String current(String key) {
        Matcher old = OLD.matcher(key);
        return old.matches() ? old.group(1) + NAMES.get(old.group(2)) + old.group(3) : key;
    }

    /** Today's shape {@code [C, C]} of an attention weight that a file has as {@code [C, C, 1, 1]}; any other shape as it is. */
    public static Shape current(String key, Shape shape) {
        boolean convolution = shape.dimension() == 4 && shape.get(2) == 1 && shape.get(3) == 1;
        return convolution && ATTENTION_WEIGHT.matcher(current(key)).matches() ? shape.slice(0, 2) : shape;
    }
}
