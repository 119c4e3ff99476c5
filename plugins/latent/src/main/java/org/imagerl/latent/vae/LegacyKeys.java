package org.imagerl.latent.vae;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys of VAE files from before diffusers 0.17, whose attention layers have other names. (Some such files also hold the weights
 * of these layers as 1 x 1 convolutions; the loader of weights reads them all the same.)
 */
public final class LegacyKeys {
    private static final Pattern OLD =
            Pattern.compile("(.*\\.mid_block\\.attentions\\.0\\.)(query|key|value|proj_attn)(\\.(?:weight|bias))");
    private static final Map<String, String> NAMES =
            Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

    private LegacyKeys() {}

    /** Today's key for an old one; any other key as it is. */
    public static String current(String key) {
        Matcher old = OLD.matcher(key);
        return old.matches() ? old.group(1) + NAMES.get(old.group(2)) + old.group(3) : key;
    }
}
