package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {

    @Test
    void aSwapIsOneEdit() {
        assertThat(Nearest.to("wieght", List.of("weight", "wighty"))).contains("weight");
        assertThat(Nearest.to("ab", List.of("ba"))).contains("ba");
        assertThat(Nearest.to("ab", List.of("cd"))).isEmpty();
        assertThat(Nearest.to("kitten", List.of("sitting"))).isEmpty(); // three edits; of six letters two are allowed
    }

    @Test
    void theNearestIsGivenOnlyIfItIsAlike() {
        List<String> known = List.of("kl-mean", "clip", "none");
        assertThat(Nearest.to("clib", known)).contains("clip");
        assertThat(Nearest.to("zzzz", known)).isEmpty();
        assertThat(Nearest.to("x".repeat(10_000), known)).isEmpty();
        assertThat(Nearest.to("KL_Mean", known)).contains("kl-mean");
        assertThat(Nearest.to("CLIP", known)).contains("clip");
        assertThat(Nearest.to("algo", List.of("algorithm", "samples"))).contains("algorithm");
        assertThat(Nearest.to("samp", List.of("samples", "sampler_of_all"))).isEmpty();
        assertThat(Nearest.hint("klmean", known)).isEqualTo("; did you mean kl-mean?");
        assertThat(Nearest.few("clap", known, 2)).containsExactly("clip", "none");
    }
}
