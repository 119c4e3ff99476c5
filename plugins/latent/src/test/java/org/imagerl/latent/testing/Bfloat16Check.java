package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Precision;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs a network of ours with weights of bfloat16 on a case of golden/models that diffusers computed in bfloat16 too. Two such computations
 * differ by their rounding. What must hold is that ours is no further from the outputs and gradients in float32 than diffusers'.
 */
final class Bfloat16Check {
    /** Our error over diffusers': both are sums of the same number of rounding errors, in other places. */
    private static final double MOST = 1.5;

    /** The gradient of a weight may be one product of two vectors for each sample: its rounding errors are no independent ones. */
    private static final double MOST_OF_WEIGHTS = 3;

    /** A network that is computed in float32 in secret would be this much nearer. */
    private static final double LEAST = 0.5;

    /** Of fewer numbers the errors are a matter of luck. */
    private static final int FEWEST = 64;

    private Bfloat16Check() {}

    static void check(Path folder, ModelCheck.Factory factory) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            ModelCase golden = ModelCase.read(folder, manager);
            Map<String, NDArray> theirs = golden.inBfloat16(manager);
            Assumptions.assumeFalse(theirs.isEmpty(), golden.name() + " has no numbers in bfloat16");
            ParameterStore network = new ParameterStore("golden");
            ModelCheck.Model model = factory.create(network, golden.config());
            golden.load(network, manager, DataType.BFLOAT16);
            assertThat(network.parameters())
                    .allMatch(parameter -> Precision.of(parameter.value()) == DataType.BFLOAT16);
            Map<String, Double> ratios = new TreeMap<>();
            Scope.run(() -> {
                Map<String, NDArray> outputs = Gradients.off(() -> model.run(golden.tensors("in.")));
                golden.tensors("out.")
                        .keySet()
                        .forEach(name -> compare("out." + name, golden, theirs, outputs.get(name), ratios));
            });
            Scope.run(() -> ModelCheck.back(golden, network, model));
            Map<String, NDArray> leaves = ModelCheck.leaves(golden, network);
            golden.tensors("grad.").keySet().forEach(name -> {
                String what = "grad." + name;
                compare(what, golden, theirs, leaves.get(what).getGradient(), ratios);
            });
            System.out.println(
                    golden.name() + " in bfloat16, our error over diffusers': " + Bfloat16Check.rounded(ratios));
            assertThat(Collections.max(ratios.values())).isGreaterThan(LEAST);
        }
    }

    private static void compare(
            String what, ModelCase golden, Map<String, NDArray> theirs, NDArray actual, Map<String, Double> ratios) {
        float[] exact = Floats.of(golden.tensors(what).get(""));
        if (exact.length < FEWEST) {
            return;
        }
        double our = distance(Floats.of(actual), exact);
        double their = distance(Floats.of(theirs.get(what)), exact);
        ratios.put(what, our / their);
        assertThat(our)
                .as(String.format(
                        Locale.ROOT, "%s %s: the distance from float32 of diffusers is %s", golden.name(), what, their))
                .isLessThanOrEqualTo((what.startsWith("grad.weight.") ? MOST_OF_WEIGHTS : MOST) * their);
    }

    private static Map<String, String> rounded(Map<String, Double> ratios) {
        Map<String, String> texts = new TreeMap<>();
        ratios.forEach((name, ratio) -> texts.put(name, String.format(Locale.ROOT, "%.2f", ratio)));
        return texts;
    }

    /** Root of the sum of squares over that of the expected numbers. */
    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / size);
    }
}
