package org.imagerl.latent.testing;

import static org.imagerl.latent.testing.ModelCase.requireClose;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.ObjectMapper;

/** Runs a network of ours on a case of golden/models: outputs, then gradients of inputs and weights. */
public final class ModelCheck {
    private final Bfloat16Check rounded = new Bfloat16Check();

    private ModelCheck() {}

    /** The tests of all cases of golden/models that are of a module's kinds, and of their rounding in bfloat16 in the mean. */
    public static Stream<DynamicTest> all(Cases cases) throws IOException {
        ModelCheck check = new ModelCheck();
        return Stream.concat(
                GoldenFolder.tests("models/*/case.json", file -> cases.of(check, file.getParent())),
                Stream.of(dynamicTest("all in bfloat16", check.rounded::checkMeans)));
    }

    /** The tests of one case. */
    @FunctionalInterface
    public interface Cases {
        /** The tests of a case's folder. */
        Stream<DynamicTest> of(ModelCheck check, Path folder);
    }

    /** A network ready to run: inputs by name to outputs by name. */
    @FunctionalInterface
    public interface Model {
        /** The outputs. */
        Map<String, NDArray> run(Map<String, NDArray> inputs);
    }

    /** Declares a network. */
    @FunctionalInterface
    public interface Factory {
        /** The network of a configuration file, to be filled after this. */
        Model create(ParameterStore network, Path config);
    }

    /** Declares a network that can recompute its segments in the backward pass. */
    @FunctionalInterface
    public interface CheckpointingFactory {
        /** As {@link Factory#create}. */
        Model create(ParameterStore network, Path config, boolean checkpointing);
    }

    /** A test of a case of a network that computes in float32 alone. */
    public Stream<DynamicTest> wide(Path folder, Factory factory) {
        return Stream.of(dynamicTest(name(folder), () -> check(folder, factory)));
    }

    /** A test of a case. */
    public Stream<DynamicTest> test(Path folder, Factory factory) {
        return Stream.of(
                dynamicTest(name(folder), () -> check(folder, factory)),
                dynamicTest(name(folder) + ", bfloat16", () -> rounded.check(folder, factory)));
    }

    /** Tests of a case, without and with checkpointing. */
    public Stream<DynamicTest> tests(Path folder, CheckpointingFactory factory) {
        Stream<DynamicTest> plain = Stream.of(false, true)
                .map(checkpointing -> dynamicTest(
                        name(folder) + (checkpointing ? ", checkpointed" : ""),
                        () -> check(folder, (network, config) -> factory.create(network, config, checkpointing))));
        // Checkpointed, because then cotangents of bfloat16 pass between the segments.
        DynamicTest inBfloat16 = dynamicTest(
                name(folder) + ", bfloat16",
                () -> rounded.check(folder, (network, config) -> factory.create(network, config, true)));
        return Stream.concat(plain, Stream.of(inBfloat16));
    }

    /** No test of a case of another module, and a line that says so. */
    public Stream<DynamicTest> none(Path folder) {
        System.out.println(name(folder) + " is of a kind of another module: " + kind(folder));
        return Stream.of();
    }

    private static String name(Path folder) {
        return String.valueOf(folder.getFileName());
    }

    /** What model a case is of. */
    public static String kind(Path folder) {
        return new ObjectMapper()
                .readTree(folder.resolve("case.json"))
                .get("kind")
                .asString();
    }

    /** Compares all there is to compare. */
    private static void check(Path folder, Factory factory) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            ModelCase golden = ModelCase.read(folder, manager);
            ParameterStore network = new ParameterStore("golden");
            Model model = factory.create(network, golden.config());
            golden.load(network, manager, DataType.FLOAT32);
            Map<String, Double> errors = new TreeMap<>();
            Scope.run(() -> checkOutputs(golden, model, errors));
            Scope.run(() -> back(golden, network, model));
            checkGradients(golden, network, errors);
            var worst = Collections.max(errors.entrySet(), Map.Entry.comparingByValue());
            System.out.printf(
                    Locale.ROOT,
                    "%s: worst of %d: %s %.1e%n",
                    golden.name(),
                    errors.size(),
                    worst.getKey(),
                    worst.getValue());
        }
    }

    private static void checkOutputs(ModelCase golden, Model model, Map<String, Double> errors) {
        Map<String, NDArray> outputs = Gradients.off(() -> model.run(golden.tensors("in.")));
        golden.tensors("out.").forEach((name, expected) -> {
            String what = "out." + name;
            errors.put(what, requireClose(what, outputs.get(name), expected, golden.forwardTolerance()));
        });
    }

    static void back(ModelCase golden, ParameterStore network, Model model) {
        golden.tensors("grad.in.")
                .keySet()
                .forEach(name -> golden.tensors("in.").get(name).setRequiresGradient(true));
        network.parameters().forEach(parameter -> parameter.value().setRequiresGradient(true));
        Gradients.record(recording -> {
            Map<String, NDArray> outputs = model.run(golden.tensors("in."));
            NDArray sum = golden.tensors("cotangent.").entrySet().stream()
                    .map(cotangent -> Kernels.cast(outputs.get(cotangent.getKey()), DataType.FLOAT32)
                            .mul(cotangent.getValue())
                            .sum())
                    .reduce(NDArray::add)
                    .orElseThrow();
            recording.backward(sum);
            return sum;
        });
    }

    private static void checkGradients(ModelCase golden, ParameterStore network, Map<String, Double> errors) {
        Map<String, NDArray> leaves = leaves(golden, network);
        golden.tensors("grad.").forEach((name, expected) -> {
            String what = "grad." + name;
            NDArray actual = leaves.get(what).getGradient();
            errors.put(what, requireClose(what, actual, expected, golden.gradientTolerance()));
        });
    }

    /** What gradients are taken of, by the gradients' names. */
    static Map<String, NDArray> leaves(ModelCase golden, ParameterStore network) {
        Map<String, NDArray> leaves = new HashMap<>();
        golden.tensors("in.").forEach((name, input) -> leaves.put("grad.in." + name, input));
        network.parameters().forEach(parameter -> leaves.put("grad.weight." + parameter.key(), parameter.value()));
        return leaves;
    }
}
