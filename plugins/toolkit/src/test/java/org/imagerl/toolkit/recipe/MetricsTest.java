package org.imagerl.toolkit.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.imagerl.spi.metric.Metrics;
import org.junit.jupiter.api.Test;

class MetricsTest {

    @Test
    void eachNameHasItsOwnAggregation() {
        Metrics first =
                new Metrics().mean("mean", 1).sum("sum", 1).max("max", 5).last("last", 1);
        Metrics second =
                new Metrics().mean("mean", 4).sum("sum", 2).max("max", 3).last("last", 2);
        Metrics both = new Metrics().add(first, 1).add(second, 2);
        assertThat(both.values()).isEqualTo(Map.of("mean", 3.0, "sum", 3.0, "max", 5.0, "last", 2.0));
    }

    /** The order of merging micro-batches does not matter to weights. */
    @Test
    void meansAreMergedByTheirWeights() {
        Metrics one = new Metrics().add(new Metrics().mean("x", 2), 0.25).add(new Metrics().mean("x", 6), 0.25);
        Metrics other = new Metrics().add(new Metrics().mean("x", 10), 0.5);
        assertThat(new Metrics().add(one, 1).add(other, 1).get("x", 0)).isEqualTo(7);
        assertThat(new Metrics().add(other, 1).prefixed("step_1_").values()).isEqualTo(Map.of("step_1_x", 10.0));
    }

    /** No suffix of a name decides: the mean of numbers that are called a maximum is their mean. */
    @Test
    void theNameSaysNothing() {
        assertThat(new Metrics().mean("a_max", 1).mean("a_max", 3).values()).isEqualTo(Map.of("a_max", 2.0));
    }

    @Test
    void aNameHasOneAggregation() {
        assertThatThrownBy(() -> new Metrics().mean("x", 1).max("x", 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x is added as MEAN and as MAX");
    }

    @Test
    void whatWasNotMeasuredIsAbsent() {
        assertThat(new Metrics().isEmpty()).isTrue();
        assertThat(new Metrics().get("x", -1)).isEqualTo(-1);
    }
}
