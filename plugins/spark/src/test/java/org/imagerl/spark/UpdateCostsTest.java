package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateCostsTest {
    /** Executor 1 computes 0.4 + 0.5 s of the second, executor 2 0.7 s; the other update has 0.2 s beside. */
    @Test
    void whatIsNotTheBusiestExecutorIsTheClusters() {
        UpdateCosts costs = new UpdateCosts();
        assertThat(costs.line()).isEmpty();
        costs.add(
                1_000_000_000,
                List.of(
                        new UpdateCosts.Busy("1", 400_000_000),
                        new UpdateCosts.Busy("2", 700_000_000),
                        new UpdateCosts.Busy("1", 500_000_000)),
                3_000_000);
        costs.add(500_000_000, List.of(new UpdateCosts.Busy("1", 300_000_000)), 1_000_000);
        assertThat(costs.line()).contains("2 updates; each took 0.20 s beside", "mean 0.15 s", "2.00 MB");
    }
}
