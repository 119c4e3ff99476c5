package org.imagerl.toolkit.original;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names that the layers of a UNet have in Stability AI's own code ({@code input_blocks.4.1...}), which single files have, and kohya for
 * SDXL. Derived from diffusers' names and the number of resnets per block.
 */
public final class SgmNames {
    private static final Pattern DOWN =
            Pattern.compile("down_blocks\\.(\\d{1,2})\\.(resnets|attentions|downsamplers)\\.(\\d{1,2})\\.(.+)");
    private static final Pattern MIDDLE = Pattern.compile("mid_block\\.(resnets|attentions)\\.(\\d{1,2})\\.(.+)");
    private static final Pattern UP =
            Pattern.compile("up_blocks\\.(\\d{1,2})\\.(resnets|attentions|upsamplers)\\.(\\d{1,2})\\.(.+)");

    private static final Map<String, String> OUTSIDE_BLOCKS = Map.of(
            "conv_in", "input_blocks.0.0",
            "conv_norm_out", "out.0",
            "conv_out", "out.2",
            "time_embedding.linear_1", "time_embed.0",
            "time_embedding.linear_2", "time_embed.2",
            "add_embedding.linear_1", "label_emb.0.0",
            "add_embedding.linear_2", "label_emb.0.2");

    private static final Map<String, String> IN_RESNET = Map.of(
            "norm1", "in_layers.0",
            "conv1", "in_layers.2",
            "time_emb_proj", "emb_layers.1",
            "norm2", "out_layers.0",
            "conv2", "out_layers.3",
            "conv_shortcut", "skip_connection");

    private final Collection<String> layers;
    private final int resnetsPerDownBlock;

    /** @param layers the names of all layers of the UNet */
    public SgmNames(Collection<String> layers) {
        this.layers = layers;
        this.resnetsPerDownBlock = (int) layers.stream()
                .filter(layer -> layer.matches("down_blocks\\.0\\.resnets\\.\\d{1,2}\\.conv1"))
                .count();
    }

    /** The other name of a layer, with dots; empty if it has none. */
    public Optional<String> of(String layer) {
        String outside = OUTSIDE_BLOCKS.get(layer);
        if (outside != null) {
            return Optional.of(outside);
        }
        return down(DOWN.matcher(layer)).or(() -> middle(MIDDLE.matcher(layer))).or(() -> up(UP.matcher(layer)));
    }

    /** Blocks are numbered through from 1, each down block ending in one for its downsampler. */
    private Optional<String> down(Matcher name) {
        if (!name.matches()) {
            return Optional.empty();
        }
        int first = 1 + number(name, 1) * (resnetsPerDownBlock + 1);
        int block = first + (name.group(2).equals("downsamplers") ? resnetsPerDownBlock : number(name, 3));
        String inside = switch (name.group(2)) {
            case "resnets" -> "0." + inResnet(name.group(4));
            case "attentions" -> "1." + name.group(4);
            default -> "0.op";
        };
        return Optional.of("input_blocks." + block + "." + inside);
    }

    private static Optional<String> middle(Matcher name) {
        if (!name.matches()) {
            return Optional.empty();
        }
        boolean attention = name.group(1).equals("attentions");
        return Optional.of("middle_block."
                + (attention ? "1." + name.group(3) : 2 * number(name, 2) + "." + inResnet(name.group(3))));
    }

    /** Up blocks have a resnet more than down blocks; the upsampler is part of the block of the last one. */
    private Optional<String> up(Matcher name) {
        if (!name.matches()) {
            return Optional.empty();
        }
        int first = number(name, 1) * (resnetsPerDownBlock + 1);
        boolean upsampler = name.group(2).equals("upsamplers");
        String inside = switch (name.group(2)) {
            case "resnets" -> "0." + inResnet(name.group(4));
            case "attentions" -> "1." + name.group(4);
            default -> (hasAttention(name.group(1)) ? "2." : "1.") + name.group(4);
        };
        return Optional.of(
                "output_blocks." + (first + (upsampler ? resnetsPerDownBlock : number(name, 3))) + "." + inside);
    }

    private boolean hasAttention(String upBlock) {
        String prefix = "up_blocks." + upBlock + ".attentions.";
        return layers.stream().anyMatch(layer -> layer.startsWith(prefix));
    }

    private static String inResnet(String layer) {
        return IN_RESNET.getOrDefault(layer, layer);
    }

    private static int number(Matcher name, int group) {
        return Integer.parseInt(name.group(group));
    }
}
