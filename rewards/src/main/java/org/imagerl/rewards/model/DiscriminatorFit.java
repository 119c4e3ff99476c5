package org.imagerl.rewards.model;

import java.util.Arrays;
import java.util.List;

/**
 * Trains a {@link Discriminator} by the loss of POLAR (2025, arXiv 2507.05197):
 * {@code -log sigma(k (D(ref, same) - D(ref, other)))}, where {@code ref} and {@code same} are images of one policy for
 * a prompt and {@code other} is one of another policy for it. All comparisons of a prompt count alike together, and so
 * do all prompts.
 *
 * <p>The paper trains all of a language model, first so and then on ranked triples. Here the embedding stays as it is
 * and a weight for each of its elements is learned, and k, since D has a range here; by Adam on all comparisons,
 * without chance. Steps, rate, decay and where k begins are ours.
 */
final class DiscriminatorFit {
    /** Where k begins. */
    private static final double SCALE = 5;

    private static final double DECAY = 1e-3;
    private static final int STEPS = 200;
    private static final double RATE = 0.05;
    private static final double FIRST = 0.9;
    private static final double SECOND = 0.999;
    private static final double EPS = 1e-8;

    private DiscriminatorFit() {}

    /**
     * Images of a prompt.
     *
     * @param embeddings one per image, of one length, none of them 0
     * @param policies what made each image
     */
    record Group(float[][] embeddings, int... policies) {
        /** Whether some image can be compared: it has another one of its policy, and one of another policy. */
        boolean compares() {
            return comparisons() > 0;
        }

        private long comparisons() {
            long count = 0;
            for (int policy : policies) {
                long same = Arrays.stream(policies).filter(p -> p == policy).count() - 1;
                count += same * (policies.length - 1 - same);
            }
            return count;
        }
    }

    /** Takes what {@code D(ref, same) - D(ref, other)} is. */
    private interface Comparison {
        void of(int ref, int same, int other, double difference);
    }

    /** Trains one. */
    static Discriminator fit(List<Group> groups) {
        int length = groups.get(0).embeddings()[0].length;
        double[] logarithms = new double[length + 1];
        double[] mean = new double[length + 1];
        double[] square = new double[length + 1];
        for (int step = 1; step <= STEPS; step++) {
            double[] gradient = new double[length + 1];
            loss(groups, logarithms, gradient);
            for (int d = 0; d <= length; d++) {
                mean[d] = FIRST * mean[d] + (1 - FIRST) * gradient[d];
                square[d] = SECOND * square[d] + (1 - SECOND) * gradient[d] * gradient[d];
                double unbiased = square[d] / (1 - Math.pow(SECOND, step));
                logarithms[d] -= RATE * mean[d] / (1 - Math.pow(FIRST, step)) / (Math.sqrt(unbiased) + EPS);
            }
        }
        return Discriminator.ofLogarithms(Arrays.copyOf(logarithms, length));
    }

    /**
     * The loss, with a decay of the logarithms towards 0, the cosine.
     *
     * @param logarithms of the weights, and last of k by where it begins
     * @param gradient by the logarithms, is added to
     */
    static double loss(List<Group> groups, double[] logarithms, double[] gradient) {
        int last = logarithms.length - 1;
        double scale = SCALE * Math.exp(logarithms[last]);
        Discriminator discriminator = Discriminator.ofLogarithms(Arrays.copyOf(logarithms, last));
        double[] loss = new double[1];
        for (Group group : groups) {
            int images = group.policies().length;
            double share = 1.0 / group.comparisons() / groups.size();
            double[][] byLikeness = new double[images][images];
            compare(group, discriminator, (ref, same, other, difference) -> {
                double wrong = 1 / (1 + Math.exp(scale * difference));
                loss[0] += share * Math.log1p(Math.exp(-scale * difference));
                gradient[last] -= share * wrong * scale * difference;
                byLikeness[ref][same] -= share * wrong * scale;
                byLikeness[ref][other] += share * wrong * scale;
            });
            for (int i = 0; i < images; i++) {
                for (int j = 0; j < i; j++) {
                    double both = byLikeness[i][j] + byLikeness[j][i];
                    discriminator.likeness(group.embeddings()[i], group.embeddings()[j], both, gradient);
                }
            }
        }
        for (int d = 0; d < logarithms.length; d++) {
            loss[0] += DECAY / 2 * logarithms[d] * logarithms[d];
            gradient[d] += DECAY * logarithms[d];
        }
        return loss[0];
    }

    /** The share of comparisons in which {@code same} is more like {@code ref} than {@code other} is; equal ones count half. Guessing gives 0.5. */
    static double won(List<Group> groups, Discriminator discriminator) {
        double[] won = new double[1];
        for (Group group : groups) {
            double share = 1.0 / group.comparisons() / groups.size();
            compare(
                    group,
                    discriminator,
                    (ref, same, other, difference) -> won[0] += share * (Math.signum(difference) + 1) / 2);
        }
        return won[0];
    }

    private static void compare(Group group, Discriminator discriminator, Comparison take) {
        int[] policies = group.policies();
        double[][] likeness = new double[policies.length][policies.length];
        for (int i = 0; i < policies.length; i++) {
            for (int j = 0; j < i; j++) {
                likeness[i][j] = discriminator.likeness(group.embeddings()[i], group.embeddings()[j]);
                likeness[j][i] = likeness[i][j];
            }
        }
        for (int ref = 0; ref < policies.length; ref++) {
            for (int same = 0; same < policies.length; same++) {
                if (same == ref || policies[same] != policies[ref]) {
                    continue;
                }
                for (int other = 0; other < policies.length; other++) {
                    if (policies[other] != policies[ref]) {
                        take.of(ref, same, other, likeness[ref][same] - likeness[ref][other]);
                    }
                }
            }
        }
    }
}
