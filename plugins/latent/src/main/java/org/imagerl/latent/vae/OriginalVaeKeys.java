package org.imagerl.latent.vae;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.toolkit.original.OriginalKey;
import org.imagerl.toolkit.original.OriginalKey.Form;
import org.imagerl.toolkit.original.OriginalLayout;

/**
 * The names of a VAE's weights in the code of latent diffusion (Rombach et al., 2022, arXiv 2112.10752), which FLUX and SD3 kept: levels of the decoder are
 * numbered from the finest, and the linear layers of the attention are 1 x 1 convolutions.
 */
public final class OriginalVaeKeys implements OriginalLayout {
    private static final Pattern LEVEL = Pattern.compile(
            "(encoder\\.down|decoder\\.up)_blocks\\.(\\d{1,3})\\.(resnets|downsamplers|upsamplers)\\.(.+)");
    private static final Pattern MIDDLE =
            Pattern.compile("(encoder|decoder)\\.mid_block\\.resnets\\.(\\d{1,3})\\.(.+)");
    private static final Pattern ATTENTION =
            Pattern.compile("(encoder|decoder)\\.mid_block\\.attentions\\.0\\.(.+)\\.(weight|bias)");
    private static final Pattern UP = Pattern.compile("decoder\\.up_blocks\\.(\\d{1,3})\\..*");
    private static final Map<String, String> IN_ATTENTION =
            Map.of("group_norm", "norm", "to_q", "q", "to_k", "k", "to_v", "v", "to_out.0", "proj_out");

    private final int levels;

    /** @param levels of the decoder */
    OriginalVaeKeys(int levels) {
        this.levels = levels;
    }

    /** The layout of a VAE with these weights. */
    public static OriginalVaeKeys of(Map<String, Shape> declared) {
        return new OriginalVaeKeys(1
                + declared.keySet().stream()
                        .map(UP::matcher)
                        .filter(Matcher::matches)
                        .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                        .max()
                        .orElse(0));
    }

    @Override
    public OriginalKey of(String key) {
        Matcher attention = ATTENTION.matcher(key);
        if (attention.matches()) {
            return attention(attention);
        }
        Matcher middle = MIDDLE.matcher(key);
        if (middle.matches()) {
            int block = 1 + Integer.parseInt(middle.group(2));
            return OriginalKey.of(middle.group(1) + ".mid.block_" + block + "." + inResnet(middle.group(3)));
        }
        Matcher level = LEVEL.matcher(key);
        return OriginalKey.of(level.matches() ? level(level) : key.replace(".conv_norm_out.", ".norm_out."));
    }

    /** Files of a VAE alone may hold what it was trained with. */
    @Override
    public boolean ignores(String tensor) {
        return tensor.startsWith("loss.");
    }

    private static OriginalKey attention(Matcher key) {
        String layer = IN_ATTENTION.getOrDefault(key.group(2), key.group(2));
        boolean matrix = !layer.equals("norm") && key.group(3).equals("weight");
        String tensor = key.group(1) + ".mid.attn_1." + layer + "." + key.group(3);
        return new OriginalKey(tensor, 0, matrix ? Form.CONVOLUTION : Form.SAME);
    }

    private String level(Matcher key) {
        int number = Integer.parseInt(key.group(2));
        int own = key.group(1).startsWith("decoder") ? levels - 1 - number : number;
        String place = key.group(1) + "." + own + ".";
        return switch (key.group(3)) {
            case "resnets" -> place + "block." + inResnet(key.group(4));
            case "downsamplers" -> place + "downsample." + key.group(4).substring(2);
            default -> place + "upsample." + key.group(4).substring(2);
        };
    }

    private static String inResnet(String rest) {
        return rest.replace("conv_shortcut.", "nin_shortcut.");
    }
}
