package org.imagerl.latent.vae;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.latent.testing.TinyModels;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LegacyKeysTest {

    @ParameterizedTest
    @CsvSource({"query,to_q", "key,to_k", "value,to_v", "proj_attn,to_out.0"})
    void theOldNamesOfAttentionLayersAreThoseOfDeclaredWeights(String before, String now) {
        ParameterStore network = new ParameterStore("vae");
        new AutoencoderKl(network, TinyModels.vae(), Checkpointing.FALSE);
        for (String part : new String[] {"encoder", "decoder"}) {
            for (String end : new String[] {".weight", ".bias"}) {
                String place = part + ".mid_block.attentions.0.";
                assertThat(LegacyKeys.current(place + before + end)).isEqualTo(place + now + end);
                assertThat(network.shapes()).containsKey(place + now + end);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"decoder.conv_in.weight", "encoder.mid_block.attentions.0.group_norm.weight", "query.weight"})
    void otherKeysStay(String key) {
        assertThat(LegacyKeys.current(key)).isEqualTo(key);
    }
}
