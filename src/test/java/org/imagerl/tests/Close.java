package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Map;

/** Comparisons that name the worst element. */
public final class Close {
    private Close() {}

    /** Whether the largest absolute difference is at most {@code limit} times the largest absolute expected value. */
    public static void require(String what, float[] actual, float[] expected, double limit) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double scale = 0;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
            worst = !(Math.abs(actual[i] - expected[i]) <= Math.abs(actual[worst] - expected[worst])) ? i : worst;
        }
        assertThat(scale).as("%s: largest expected value", what).isPositive();
        assertThat(Math.abs(actual[worst] - expected[worst]))
                .as("%s: element %d is %s, expected %s", what, worst, actual[worst], expected[worst])
                .isLessThanOrEqualTo((float) (limit * scale));
    }

    /** The same for arrays, of which the shapes must be equal too. */
    public static void require(String what, NDArray actual, NDArray expected, double limit) {
        assertThat(actual.getShape()).as(what).isEqualTo(expected.getShape());
        require(what, floats(actual), floats(expected), limit);
    }

    /** The same for each array of a map, relative to the largest value of all. */
    public static void require(Map<String, float[]> actual, Map<String, float[]> expected, double limit) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        double scale = 0;
        for (float[] values : expected.values()) {
            for (float value : values) {
                scale = Math.max(scale, Math.abs(value));
            }
        }
        assertThat(scale).as("largest expected value").isPositive();
        for (Map.Entry<String, float[]> entry : expected.entrySet()) {
            float[] got = actual.get(entry.getKey());
            for (int i = 0; i < got.length; i++) {
                assertThat(Math.abs(got[i] - entry.getValue()[i]))
                        .as("%s[%d] is %s, expected %s", entry.getKey(), i, got[i], entry.getValue()[i])
                        .isLessThanOrEqualTo((float) (limit * scale));
            }
        }
    }

    /** The elements as floats. */
    public static float[] floats(NDArray array) {
        return array.toType(DataType.FLOAT32, false).toFloatArray();
    }
}
