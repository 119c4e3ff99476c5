package org.imagerl.diffusion.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;
import org.imagerl.latent.checkpoint.SampleSize;
import org.imagerl.spi.UserException;

/** Builds a {@link UnetConfig} from its file. */
final class UnetConfigReader {
    private static final int MAX_LEVELS = 16;
    private static final int MAX_WIDTH = 1 << 16;
    private static final int MAX_LAYERS = 128;

    /** Below it a sinusoid of one frequency has a distance of 0 between frequencies. */
    private static final int MIN_GUIDANCE_WIDTH = 4;

    private static final String MIDDLE_ATTENDING = "UNetMidBlock2DCrossAttn";
    private static final String MIDDLE_PLAIN = "UNetMidBlock2D";
    private static final List<String> DOWN_DEFAULT =
            List.of("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D");
    private static final List<String> UP_DEFAULT =
            List.of("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D");

    private final ConfigFile file;
    private final List<Integer> channels;

    UnetConfigReader(ConfigFile file) {
        this.file = file;
        this.channels = file.integers("block_out_channels", List.of(320, 640, 1280, 1280), 1, MAX_WIDTH);
    }

    UnetConfig read() {
        refuseWhatHasNoCode();
        int groups = groups();
        List<UnetLevel> down = down();
        return new UnetConfig(
                file.integer("in_channels", 4, 1, MAX_WIDTH),
                file.integer("out_channels", 4, 1, MAX_WIDTH),
                SampleSize.read(file),
                down,
                middle(down.get(down.size() - 1)),
                up(down),
                file.optionalInteger("time_embedding_dim", 1, MAX_WIDTH).orElse(4 * channels.get(0)),
                file.flag("flip_sin_to_cos", true),
                file.integer("freq_shift", 0, 0, 1),
                groups,
                file.number("norm_eps", 1e-5, 1e-15, 1),
                file.flag("use_linear_projection", false),
                file.flag("upcast_attention", false),
                classEmbeddings(),
                textTime(),
                file.optionalInteger("time_cond_proj_dim", MIN_GUIDANCE_WIDTH, MAX_WIDTH),
                file.warnings());
    }

    private void refuseWhatHasNoCode() {
        file.only("_class_name", "UNet2DConditionModel");
        file.only("act_fn", "silu", "swish");
        file.only("attention_type", "default");
        file.only("center_input_sample", false);
        file.only("class_embed_type", (Object) null);
        file.only("class_embeddings_concat", false);
        file.only("conv_in_kernel", 3);
        file.only("conv_out_kernel", 3);
        file.only("cross_attention_norm", (Object) null);
        file.only("downsample_padding", 1);
        file.only("dropout", 0);
        file.only("dual_cross_attention", false);
        file.only("encoder_hid_dim", (Object) null);
        file.only("encoder_hid_dim_type", (Object) null);
        file.only("mid_block_scale_factor", 1);
        file.only("mid_block_type", MIDDLE_ATTENDING, MIDDLE_PLAIN, null);
        file.only("num_attention_heads", (Object) null);
        file.only("resnet_out_scale_factor", 1);
        file.only("resnet_skip_time_act", false);
        file.only("resnet_time_scale_shift", "default");
        file.only("reverse_transformer_layers_per_block", (Object) null);
        file.only("time_embedding_act_fn", (Object) null);
        file.only("time_embedding_type", "positional");
        file.only("timestep_post_act", (Object) null);
        // Of these, the first belongs to a middle block and the second to an embedding that are refused above.
        file.ignore("mid_block_only_cross_attention", "addition_embed_type_num_heads");
    }

    private int groups() {
        int groups = file.integer("norm_num_groups", 32, 1, MAX_WIDTH);
        if (channels.stream().anyMatch(width -> width % groups != 0)) {
            throw file.refusal("block_out_channels", "each must be a multiple of norm_num_groups, " + groups);
        }
        return groups;
    }

    private List<UnetLevel> down() {
        List<Boolean> attention = attention("down_block_types", DOWN_DEFAULT, "CrossAttnDownBlock2D", "DownBlock2D");
        int levels = channels.size();
        List<Integer> layers = file.integerPerLevel("layers_per_block", 2, 1, MAX_LAYERS, levels);
        // What diffusers calls the width of a head has always been the number of heads (diffusers issue 2011).
        List<Integer> heads = file.integerPerLevel("attention_head_dim", 8, 1, MAX_WIDTH, levels);
        List<Integer> depths = file.integerPerLevel("transformer_layers_per_block", 1, 1, MAX_LAYERS, levels);
        List<Integer> widths = file.integerPerLevel("cross_attention_dim", 1280, 1, MAX_WIDTH, levels);
        List<Boolean> only = file.flagPerLevel("only_cross_attention", false, levels);
        List<UnetLevel> down = new ArrayList<>();
        for (int i = 0; i < levels; i++) {
            down.add(new UnetLevel(
                    channels.get(i),
                    layers.get(i),
                    attention.get(i),
                    heads.get(i),
                    depths.get(i),
                    widths.get(i),
                    only.get(i)));
        }
        down.forEach(this::requireWholeHeads);
        return down;
    }

    /** A key that is absent and one that is null differ: the default has attention, null has no middle block. */
    private Optional<UnetLevel> middle(UnetLevel last) {
        Optional<String> type = file.optionalText("mid_block_type");
        if (type.isEmpty() && file.keys().contains("mid_block_type")) {
            return Optional.empty();
        }
        boolean attention = !type.equals(Optional.of(MIDDLE_PLAIN));
        UnetLevel middle = new UnetLevel(
                last.channels(),
                attention ? 2 : 1,
                attention,
                last.heads(),
                last.transformerLayers(),
                last.crossAttentionDim(),
                false);
        requireWholeHeads(middle);
        return Optional.of(middle);
    }

    private List<UnetLevel> up(List<UnetLevel> down) {
        List<Boolean> attention = attention("up_block_types", UP_DEFAULT, "CrossAttnUpBlock2D", "UpBlock2D");
        List<UnetLevel> coarsestFirst = new ArrayList<>(down);
        Collections.reverse(coarsestFirst);
        List<UnetLevel> up = new ArrayList<>();
        for (UnetLevel level : coarsestFirst) {
            up.add(new UnetLevel(
                    level.channels(),
                    level.residualBlocks() + 1,
                    attention.get(up.size()),
                    level.heads(),
                    level.transformerLayers(),
                    level.crossAttentionDim(),
                    level.onlyCrossAttention()));
        }
        up.forEach(this::requireWholeHeads);
        return up;
    }

    private List<Boolean> attention(String key, List<String> absent, String with, String without) {
        List<String> types = file.texts(key, absent);
        if (types.size() != channels.size() || types.isEmpty() || types.size() > MAX_LEVELS) {
            throw file.refusal(
                    key,
                    "expected as many as block_out_channels has, " + channels.size() + ", at least 1 and at most "
                            + MAX_LEVELS);
        }
        if (types.stream().anyMatch(type -> !type.equals(with) && !type.equals(without))) {
            throw file.refusal(key, "supported: \"" + with + "\", \"" + without + "\"");
        }
        return types.stream().map(with::equals).toList();
    }

    private void requireWholeHeads(UnetLevel level) {
        if (level.attention() && level.channels() % level.heads() != 0) {
            throw file.refusal(
                    "attention_head_dim",
                    "the number of heads " + level.heads() + " must divide the channels of its level, "
                            + level.channels());
        }
    }

    private Optional<Integer> classEmbeddings() {
        return file.optionalInteger("num_class_embeds", 1, 1 << 24);
    }

    private Optional<UnetConfig.TextTime> textTime() {
        file.only("addition_embed_type", null, "text_time");
        Optional<Integer> timeDim = file.optionalInteger("addition_time_embed_dim", 1, MAX_WIDTH);
        Optional<Integer> inputDim = file.optionalInteger("projection_class_embeddings_input_dim", 1, MAX_WIDTH);
        if (file.value("addition_embed_type").isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new UnetConfig.TextTime(
                timeDim.orElseThrow(() -> textTimeNeeds("addition_time_embed_dim")),
                inputDim.orElseThrow(() -> textTimeNeeds("projection_class_embeddings_input_dim"))));
    }

    private UserException textTimeNeeds(String key) {
        return file.refusal(key, "addition_embed_type \"text_time\" needs an integer");
    }
}
