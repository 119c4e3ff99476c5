package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Set functions and the division of their worth, on cosines of random embeddings. */
class SubmodularRewardTest {

    /** Of vectors of three numbers; the last two are the same. */
    private static double[][] cosines(int images) {
        SplittableRandom random = new SplittableRandom(images);
        float[][] vectors = new float[images][3];
        for (float[] vector : vectors) {
            for (int d = 0; d < 3; d++) {
                vector[d] = (float) (random.nextDouble() - 0.5);
            }
        }
        vectors[images - 1] = vectors[images - 2];
        return Arrays.stream(vectors)
                .map(a -> Arrays.stream(vectors)
                        .mapToDouble(b -> Embeddings.cosine(a, b))
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double[] worth(SetFunction function, SetCredit credit, double[][] cosines) {
        SubmodularFactory.Config defaults = new SubmodularFactory().defaults();
        return SubmodularFactory.worth(new SubmodularFactory.Config(defaults.model(), function, credit, 2), cosines);
    }

    private static double sum(double... gains) {
        return Arrays.stream(gains).sum();
    }

    @ParameterizedTest
    @EnumSource
    void gainsAreNotNegativeAndAddUpToTheWorthOfTheSet(SetFunction function) {
        for (int images : new int[] {4, 9}) {
            double[][] cosines = cosines(images);
            double[] ordered = worth(function, SetCredit.ORDER, cosines);
            double[] shapley = worth(function, SetCredit.SHAPLEY, cosines);
            double[] alone = worth(function, SetCredit.LEAVE_ONE_OUT, cosines);
            assertThat(sum(shapley)).isCloseTo(sum(ordered), within(1e-9));
            assertThat(sum(alone)).isLessThan(sum(ordered));
            for (double[] gains : new double[][] {ordered, shapley, alone}) {
                assertThat(Arrays.stream(gains).boxed().toList())
                        .allMatch(gain -> gain >= -1e-12 && gain <= function.largest(2) + 1e-9);
            }
        }
    }

    /** The mean over all orders treats equal images alike; in the order of the group the second one adds nothing to where it stands. */
    @Test
    void aDuplicateAddsNothing() {
        double[][] cosines = cosines(4);
        assertThat(worth(SetFunction.FACILITY_LOCATION, SetCredit.ORDER, cosines)[3])
                .isZero();
        assertThat(worth(SetFunction.FACILITY_LOCATION, SetCredit.LEAVE_ONE_OUT, cosines)[3])
                .isZero();
        double[] shapley = worth(SetFunction.LOG_DET, SetCredit.SHAPLEY, cosines);
        assertThat(shapley[3]).isCloseTo(shapley[2], within(1e-12));
    }

    @Test
    void orthogonalEmbeddingsSpanTheLargestVolume() {
        double[][] identity = new double[5][5];
        IntStream.range(0, 5).forEach(i -> identity[i][i] = 1);
        for (SetCredit credit : SetCredit.values()) {
            double[] gains = worth(SetFunction.LOG_DET, credit, identity);
            assertThat(gains).as("%s", credit).containsOnly(gains[0]);
            assertThat(gains[0]).isCloseTo(Math.log(3), within(1e-12));
        }
    }

    /** log det(I + 2 C) of two images is log(9 - 4 c^2); facility location of two is the mean of their similarities to the nearest. */
    @Test
    void theFunctionsAreTheirDefinitions() {
        double[][] cosines = {{1, 0.3}, {0.3, 1}};
        assertThat(sum(worth(SetFunction.LOG_DET, SetCredit.ORDER, cosines)))
                .isCloseTo(Math.log(9 - 4 * 0.09), within(1e-12));
        assertThat(worth(SetFunction.FACILITY_LOCATION, SetCredit.ORDER, cosines))
                .containsExactly(new double[] {(1 + 0.65) / 2, 0.35 / 2}, within(1e-12));
    }
}
