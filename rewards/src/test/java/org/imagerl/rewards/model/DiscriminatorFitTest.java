package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiscriminatorFitTest {
    private static final int LENGTH = 6;

    /** Three images of each of two policies, which differ by {@code apart} in the first element and by chance in all. */
    private static List<DiscriminatorFit.Group> groups(int count, double apart, long seed) {
        Random random = new Random(seed);
        List<DiscriminatorFit.Group> groups = new ArrayList<>();
        for (int g = 0; g < count; g++) {
            float[][] embeddings = new float[6][LENGTH];
            for (int i = 0; i < 6; i++) {
                for (int d = 0; d < LENGTH; d++) {
                    double shift = d == 0 ? (i < 3 ? apart : -apart) : 0;
                    embeddings[i][d] = (float) (shift + random.nextGaussian());
                }
            }
            groups.add(new DiscriminatorFit.Group(embeddings, 0, 0, 0, 1, 1, 1));
        }
        return groups;
    }

    @Test
    void withEqualWeightsItIsTheCosine() {
        float[] a = {1, -2, 0.5f};
        float[] b = {0.3f, 1, 4};
        assertThat(Discriminator.cosine(3).likeness(a, b)).isCloseTo(Embeddings.cosine(a, b), within(1e-15));
        assertThat(new Discriminator(1, 4, 9).likeness(a, b))
                .isCloseTo(Embeddings.cosine(new float[] {1, -4, 1.5f}, new float[] {0.3f, 2, 12}), within(1e-7));
    }

    @Test
    void theGradientIsThatOfFiniteDifferences() {
        List<DiscriminatorFit.Group> groups = groups(3, 0.5, 1);
        double[] at = {0.3, -0.2, 0.1, 0, -0.4, 0.2, 0.3};
        double[] gradient = new double[LENGTH + 1];
        DiscriminatorFit.loss(groups, at, gradient);
        for (int d = 0; d <= LENGTH; d++) {
            double[] up = at.clone();
            double[] down = at.clone();
            up[d] += 1e-5;
            down[d] -= 1e-5;
            double slope = (DiscriminatorFit.loss(groups, up, new double[LENGTH + 1])
                            - DiscriminatorFit.loss(groups, down, new double[LENGTH + 1]))
                    / 2e-5;
            assertThat(gradient[d]).as("element %d", d).isCloseTo(slope, within(1e-7));
        }
    }

    /** What tells policies apart is found, and held on to in other images. */
    @Test
    void elementsInWhichPoliciesDifferGetWeight() {
        Discriminator made = DiscriminatorFit.fit(groups(40, 1, 2));
        double[] others = Arrays.copyOfRange(made.weights(), 1, LENGTH);
        assertThat(made.weights()[0])
                .isGreaterThan(2 * Arrays.stream(others).max().orElseThrow());
        List<DiscriminatorFit.Group> unseen = groups(200, 1, 3);
        double cosine = DiscriminatorFit.won(unseen, Discriminator.cosine(LENGTH));
        assertThat(DiscriminatorFit.won(unseen, made)).isGreaterThan(cosine + 0.05);
    }

    /** Where policies do not differ nothing can be learned. */
    @Test
    void symmetricDataGivesOneHalf() {
        Discriminator made = DiscriminatorFit.fit(groups(40, 0, 4));
        assertThat(DiscriminatorFit.won(groups(400, 0, 5), made)).isCloseTo(0.5, within(0.03));
        float[][] alike = new float[6][LENGTH];
        Arrays.stream(alike).forEach(row -> Arrays.fill(row, 0.7f));
        List<DiscriminatorFit.Group> same = List.of(new DiscriminatorFit.Group(alike, 0, 0, 0, 1, 1, 1));
        assertThat(DiscriminatorFit.won(same, made)).isCloseTo(0.5, within(1e-12));
        assertThat(DiscriminatorFit.loss(same, new double[LENGTH + 1], new double[LENGTH + 1]))
                .isCloseTo(Math.log(2), within(1e-12));
    }
}
