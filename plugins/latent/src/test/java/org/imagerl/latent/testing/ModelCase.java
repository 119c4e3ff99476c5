package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** One folder of golden/models: a network's configuration, weights, inputs, outputs and gradients. */
public final class ModelCase {
    private final Path folder;
    private final JsonNode facts;
    private final Map<String, NDArray> tensors;

    private ModelCase(Path folder, JsonNode facts, Map<String, NDArray> tensors) {
        this.folder = folder;
        this.facts = facts;
        this.tensors = tensors;
    }

    /** Reads all but the weights. */
    public static ModelCase read(Path folder, NDManager manager) throws IOException {
        JsonNode facts = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("case.json")));
        return new ModelCase(folder, facts, ArrayFile.read(folder.resolve("io.safetensors"), manager));
    }

    /** The folder's name. */
    public String name() {
        return folder.getFileName().toString();
    }

    /** The network's configuration file. */
    public Path config() {
        return folder.resolve("config.json");
    }

    /** Limit for outputs, see {@link #requireClose}. */
    public double forwardTolerance() {
        return facts.get("forward_rtol").asDouble();
    }

    /** Limit for gradients. */
    public double gradientTolerance() {
        return facts.get("grad_rtol").asDouble();
    }

    /** The tensors under a prefix, by what follows it. */
    public Map<String, NDArray> tensors(String prefix) {
        Map<String, NDArray> chosen = new TreeMap<>();
        tensors.forEach((key, tensor) -> {
            if (key.startsWith(prefix)) {
                chosen.put(key.substring(prefix.length()), tensor);
            }
        });
        return chosen;
    }

    /** Outputs and gradients of the case in bfloat16, by name; empty where it has none. Inputs that it changed take the place of the case's own. */
    public Map<String, NDArray> inBfloat16(NDManager manager) throws IOException {
        Path file = folder.resolve("bfloat16.safetensors");
        Map<String, NDArray> found = Files.exists(file) ? ArrayFile.read(file, manager) : new TreeMap<>();
        found.forEach((name, tensor) -> {
            if (name.startsWith("in.")) {
                tensors.put(name, tensor);
            } else if (name.startsWith("exact.")) {
                tensors.put(name.substring("exact.".length()), tensor);
            }
        });
        return found;
    }

    /** Puts the folder's weights into a network that must declare the same keys, no more and no fewer. */
    public void load(ParameterStore network, NDManager manager, DataType type) {
        String stem = Files.exists(folder.resolve("model.safetensors")) ? "model" : "diffusion_pytorch_model";
        try (WeightFiles files = WeightFiles.open(folder, stem, WeightVariant.PLAIN)) {
            NetworkWeights.load(network, files, manager, type, UnaryOperator.identity());
        }
    }

    /** The largest absolute difference over the largest absolute expected value; fails with the worst index beyond {@code limit}. */
    public static double requireClose(String what, NDArray actual, NDArray expected, double limit) {
        assertThat(actual.getShape()).as(what).isEqualTo(expected.getShape());
        float[] a = actual.toType(DataType.FLOAT32, false).toFloatArray();
        float[] e = expected.toFloatArray();
        double scale = 0;
        int worst = 0;
        for (int i = 0; i < e.length; i++) {
            scale = Math.max(scale, Math.abs(e[i]));
            worst = !(Math.abs(a[i] - e[i]) <= Math.abs(a[worst] - e[worst])) ? i : worst;
        }
        double difference = Math.abs(a[worst] - e[worst]);
        double error = difference == 0 ? 0 : difference / scale; // a tensor of zeros must be met exactly
        assertThat(error)
                .as("%s: element %d is %s, expected %s, largest expected %s", what, worst, a[worst], e[worst], scale)
                .isLessThanOrEqualTo(limit);
        return error;
    }
}
