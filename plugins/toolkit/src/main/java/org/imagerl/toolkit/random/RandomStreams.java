package org.imagerl.toolkit.random;

import java.util.SplittableRandom;

/**
 * Named random streams: the seed of each depends only on the run's seed, a purpose and indices such as epoch and sample, never
 * on what was drawn before. So a resumed run draws what an uninterrupted one would have.
 *
 * @param seed the run's seed
 */
public record RandomStreams(long seed) {

    /** The seed of a stream: 63 bits, not negative. */
    public long seed(String purpose, long... indices) {
        long hash = mix(seed + 0x9e3779b97f4a7c15L);
        for (int i = 0; i < purpose.length(); i++) {
            hash = mix(hash ^ purpose.charAt(i));
        }
        hash = mix(hash ^ indices.length);
        for (long index : indices) {
            hash = mix(hash ^ mix(index + 0x9e3779b97f4a7c15L));
        }
        return hash >>> 1;
    }

    /** A Java generator for a stream. */
    public SplittableRandom stream(String purpose, long... indices) {
        return new SplittableRandom(seed(purpose, indices));
    }

    /** A permutation of 0..n-1 (Fisher and Yates). */
    public int[] permutation(int n, String purpose, long... indices) {
        SplittableRandom random = stream(purpose, indices);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
