package org.imagerl.toolkit.recipe.trust;

import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Objects;
import org.imagerl.spi.TrustRegion;
import org.imagerl.toolkit.recipe.Groups;

/** The pairs of images of a prompt, which the two versions of P3O compare. */
final class GroupPairs {

    /** Takes a pair. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Takes a pair of samples of a pass; a sample makes a pair with itself, too.
         *
         * @param apart the advantage of i less that of j
         * @param size K, the images of the prompt
         */
        void pair(int i, int j, double apart, int size);
    }

    private GroupPairs() {}

    /** Goes through all pairs, in both orders. */
    static void forEach(TrustRegion.Pass pass, Visitor visitor) {
        double[] a = pass.advantages().toType(DataType.FLOAT64, false).toDoubleArray();
        List<String> groups = Objects.requireNonNull(pass.groups(), "the groups of the samples are not known");
        for (int[] group : Groups.of(groups)) {
            for (int i : group) {
                for (int j : group) {
                    visitor.pair(i, j, a[i] - a[j], group.length);
                }
            }
        }
    }
}
