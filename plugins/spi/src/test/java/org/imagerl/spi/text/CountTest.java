package org.imagerl.spi.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CountTest {

    @Test
    void oneIsNoPlural() {
        assertThat(Count.of(1, "epoch")).isEqualTo("1 epoch");
        assertThat(Count.of(2, "epoch")).isEqualTo("2 epochs");
        assertThat(Count.of(0, "image")).isEqualTo("0 images");
        assertThat(Count.of(4, "micro-batch")).isEqualTo("4 micro-batches");
    }

    @Test
    void whatIsNotNamedIsCounted() {
        assertThat(Count.some(List.of("a", "b", "c"), 2)).isEqualTo("a, b and 1 more");
        assertThat(Count.some(List.of("a", "b"), 2)).isEqualTo("a, b");
    }
}
