package org.imagerl.toolkit.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {
    @Test
    void streamsDependOnEveryPartOfTheirName() {
        Set<Long> seeds = new HashSet<>();
        for (long seed = 0; seed < 3; seed++) {
            RandomStreams streams = new RandomStreams(seed);
            for (String purpose : new String[] {"noise", "noisf", ""}) {
                seeds.add(streams.seed(purpose));
                for (long i = 0; i < 50; i++) {
                    seeds.add(streams.seed(purpose, i));
                    seeds.add(streams.seed(purpose, i, 0));
                    seeds.add(streams.seed(purpose, 0, i + 1));
                }
            }
        }
        assertThat(seeds).hasSize(3 * 3 * 151).allMatch(seed -> seed >= 0);
    }

    @Test
    void seedsStayTheSameAcrossVersions() {
        assertThat(new RandomStreams(7).seed("rollout", 3, 12)).isEqualTo(new RandomStreams(7).seed("rollout", 3, 12));
    }

    @Test
    void permutationsHoldEveryIndexOnce() {
        int[] order = new RandomStreams(1).permutation(100, "shuffle", 2);
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < 100; i++) {
            assertThat(sorted[i]).isEqualTo(i);
        }
        assertThat(order).isNotEqualTo(sorted);
    }
}
