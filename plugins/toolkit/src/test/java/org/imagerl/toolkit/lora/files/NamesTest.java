package org.imagerl.toolkit.lora.files;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {

    /** The layers of SDXL that matter for names: two resnets per down block, attention in the blocks 1 and 2. */
    private static BaseModules sdxl() {
        Map<String, Shape> layers = new LinkedHashMap<>();
        for (String layer : List.of("conv_in", "conv_out", "time_embedding.linear_2", "add_embedding.linear_1")) {
            layers.put("unet." + layer, new Shape(1, 1));
        }
        for (int block = 0; block < 3; block++) {
            for (int i = 0; i < 3; i++) {
                layers.put("unet.up_blocks." + block + ".resnets." + i + ".conv1", new Shape(1, 1));
                layers.put("unet.up_blocks." + block + ".resnets." + i + ".conv_shortcut", new Shape(1, 1));
                if (i < 2) {
                    layers.put("unet.down_blocks." + block + ".resnets." + i + ".conv1", new Shape(1, 1));
                    layers.put("unet.down_blocks." + block + ".resnets." + i + ".time_emb_proj", new Shape(1, 1));
                    layers.put("unet.mid_block.resnets." + i + ".conv2", new Shape(1, 1));
                }
                if (i < 2 && block > 0) {
                    layers.put(attention("unet.down_blocks." + block, i), new Shape(1, 1));
                }
                if (block < 2) {
                    layers.put(attention("unet.up_blocks." + block, i), new Shape(1, 1));
                }
            }
            layers.put("unet.down_blocks." + block + ".downsamplers.0.conv", new Shape(1, 1));
            layers.put("unet.up_blocks." + block + ".upsamplers.0.conv", new Shape(1, 1));
        }
        layers.put(attention("unet.mid_block", 0), new Shape(1, 1));
        return BaseModules.of(layers);
    }

    private static String attention(String block, int index) {
        return block + ".attentions." + index + ".transformer_blocks.0.attn1.to_q";
    }

    /** By the state dict of sd_xl_base_1.0: where its resnets, attentions and samplers are. */
    @ParameterizedTest
    @CsvSource({
        "input_blocks_0_0, conv_in",
        "out_2, conv_out",
        "time_embed_2, time_embedding.linear_2",
        "label_emb_0_0, add_embedding.linear_1",
        "input_blocks_1_0_in_layers_2, down_blocks.0.resnets.0.conv1",
        "input_blocks_3_0_op, down_blocks.0.downsamplers.0.conv",
        "input_blocks_4_0_emb_layers_1, down_blocks.1.resnets.0.time_emb_proj",
        "input_blocks_4_1_transformer_blocks_0_attn1_to_q, down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q",
        "input_blocks_8_1_transformer_blocks_0_attn1_to_q, down_blocks.2.attentions.1.transformer_blocks.0.attn1.to_q",
        "middle_block_1_transformer_blocks_0_attn1_to_q, mid_block.attentions.0.transformer_blocks.0.attn1.to_q",
        "middle_block_2_out_layers_3, mid_block.resnets.1.conv2",
        "output_blocks_0_1_transformer_blocks_0_attn1_to_q, up_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q",
        "output_blocks_2_2_conv, up_blocks.0.upsamplers.0.conv",
        "output_blocks_5_1_transformer_blocks_0_attn1_to_q, up_blocks.1.attentions.2.transformer_blocks.0.attn1.to_q",
        "output_blocks_8_0_skip_connection, up_blocks.2.resnets.2.conv_shortcut",
        "output_blocks_8_1_conv, up_blocks.2.upsamplers.0.conv",
        "down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q, down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
    })
    void kohyaNamesOfSdxlAreResolvedInBothSpellings(String name, String layer) {
        assertThat(new KohyaNames(sdxl()).path("x", "lora_unet_" + name)).isEqualTo("unet." + layer);
    }

    @Test
    void attentionLayersHaveTheOldSpellingWhereTheLoaderOfDiffusersTakesIt() {
        DiffusersSpelling attention =
                DiffusersSpelling.of("unet", Set.of("b.attn1.to_k", "b.attn1.to_out.0", "b.ff.net.2"));
        assertThat(attention.down("b.attn1.to_k")).isEqualTo("b.attn1.to_k.lora.down.weight");
        assertThat(attention.up("b.attn1.to_out.0")).isEqualTo("b.attn1.to_out.0.lora.up.weight");
        assertThat(attention.up("b.ff.net.2")).isEqualTo("b.ff.net.2.lora_B.weight");
    }

    @Test
    void unetsWhoseFirstKeyIsNoAttentionHaveTheNewSpellingThroughout() {
        DiffusersSpelling mixed = DiffusersSpelling.of("unet", Set.of("a.proj_in", "b.attn1.to_k"));
        assertThat(mixed.down("b.attn1.to_k")).isEqualTo("b.attn1.to_k.lora_A.weight");
        assertThat(mixed.up("a.proj_in")).isEqualTo("a.proj_in.lora_B.weight");
    }

    @Test
    void textEncodersAlwaysHaveAKeyOfTheOldSpelling() {
        DiffusersSpelling both = DiffusersSpelling.of("text_encoder", Set.of("l.self_attn.q_proj", "l.mlp.fc1"));
        assertThat(both.down("l.self_attn.q_proj")).isEqualTo("l.self_attn.q_proj.lora_linear_layer.down.weight");
        assertThat(both.down("l.mlp.fc1")).isEqualTo("l.mlp.fc1.lora_A.weight");
        DiffusersSpelling mlpOnly = DiffusersSpelling.of("text_encoder_2", Set.of("l.mlp.fc1"));
        assertThat(mlpOnly.up("l.mlp.fc1")).isEqualTo("l.mlp.fc1.lora_linear_layer.up.weight");
        assertThat(DiffusersSpelling.of("transformer", Set.of("b.attn.to_q")).up("b.attn.to_q"))
                .isEqualTo("b.attn.to_q.lora_B.weight");
    }
}
