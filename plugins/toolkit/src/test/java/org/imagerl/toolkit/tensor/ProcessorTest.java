package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessorTest {
    @Test
    void instructionsForBfloat16AreFoundAmongTheFlags() {
        assertThat(new Processor("processor\t: 0\nflags\t\t: fpu avx512_bf16 sse\n").lacksBfloat16())
                .isFalse();
        assertThat(new Processor("flags\t\t: fpu amx_bf16\n").lacksBfloat16()).isFalse();
        assertThat(new Processor("Features\t: fp asimd bf16 i8mm\n").lacksBfloat16())
                .isFalse();
        assertThat(new Processor("flags\t\t: fpu avx2 avx512f\nbugs\t: bf16\n").lacksBfloat16())
                .isTrue();
        assertThat(new Processor("").lacksBfloat16()).isFalse();
    }
}
