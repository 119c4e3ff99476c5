package org.imagerl.scoring.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StatisticsTest {

    @Test
    void agreesWithNumpy() {
        // numpy: x = [3, 1, 4, 1, 5]; mean 2.8, std 1.6, percentile(5) 1.0, percentile(95) 4.8
        Statistics s = Statistics.of(3, 1, 4, 1, 5, Double.NaN);
        assertThat(s.n()).isEqualTo(5);
        assertThat(s.mean()).isCloseTo(2.8, within(1e-15));
        assertThat(s.std()).isCloseTo(1.6, within(1e-15));
        assertThat(s.median()).isEqualTo(3);
        assertThat(s.p5()).isCloseTo(1, within(1e-15));
        assertThat(s.p95()).isCloseTo(4.8, within(1e-15));
        assertThat(s.min()).isEqualTo(1);
        assertThat(s.max()).isEqualTo(5);
    }

    @Test
    void numbersWhoseSquaresAndSumsOverflowHaveFiniteStatistics() {
        Statistics s = Statistics.of(Double.MAX_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE);
        assertThat(s.mean()).isCloseTo(Double.MAX_VALUE / 3, within(1e293));
        assertThat(s.std() / Double.MAX_VALUE).isCloseTo(Math.sqrt(8) / 3, within(1e-12));
        assertThat(s.median()).isEqualTo(Double.MAX_VALUE);
        assertThat(s.p5() / Double.MAX_VALUE).isCloseTo(-0.8, within(1e-12));
    }

    @Test
    void numbersWhoseSquaresVanishKeepTheirSpread() {
        assertThat(Statistics.of(1e-300, 3e-300).std() / 1e-300).isCloseTo(1, within(1e-12));
    }

    @Test
    void whatIsNotFiniteIsNotCounted() {
        Statistics s = Statistics.of(Double.POSITIVE_INFINITY, 2, Double.NEGATIVE_INFINITY, Double.NaN);
        assertThat(s.n()).isEqualTo(1);
        assertThat(s.mean()).isEqualTo(2);
        assertThat(s.std()).isZero();
    }
}
