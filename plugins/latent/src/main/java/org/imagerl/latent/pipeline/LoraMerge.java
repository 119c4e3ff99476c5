package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.lora.LoraScale;
import org.imagerl.toolkit.lora.files.BaseModules;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** Adds an adapter to the weights it was made for: {@code W + strength (alpha / rank) up down}. */
final class LoraMerge {
    private LoraMerge() {}

    /**
     * Merges a file of any layout.
     *
     * @param loras the layouts that are known
     * @param networks by component, all that an adapter may name
     * @param changed receives each component before its weights are changed
     * @throws UserException if the adapter is for another model, or the strength is out of its range
     */
    static void merge(
            LoraFiles loras,
            Path fileOrFolder,
            double strength,
            Map<String, ParameterStore> networks,
            Consumer<String> changed,
            NDManager manager) {
        LoraScale.checked(fileOrFolder.toString(), strength);
        Map<String, Parameter> weights = new TreeMap<>();
        networks.values()
                .forEach(network -> network.adaptables()
                        .forEach((path, layer) -> weights.put(network.component() + "." + path, layer.weight())));
        Map<String, Shape> shapes = new TreeMap<>();
        weights.forEach((path, weight) -> shapes.put(path, weight.shape()));
        BaseModules base = BaseModules.of(shapes);
        LoraWeights adapter = loras.read(fileOrFolder, base);
        Map<String, LoraPair> fitted = base.fit(fileOrFolder.toString(), adapter);
        fitted.keySet().stream()
                .map(path -> path.substring(0, path.indexOf('.')))
                .distinct()
                .forEach(changed);
        Gradients.off(() -> {
            fitted.forEach((path, pair) -> {
                Parameter weight = weights.get(path);
                if (weight != null) {
                    add(weight, pair, strength, manager);
                }
            });
            return fitted;
        });
    }

    /** The old tensor may be a read-only map of the checkpoint's file: the sum is a new one. */
    private static void add(Parameter weight, LoraPair pair, double strength, NDManager manager) {
        NDArray old = weight.value();
        NDArray sum = Scope.of(() -> {
            int rank = pair.rank();
            NDArray down = manager.create(pair.down(), pair.downShape()).reshape(rank, -1);
            NDArray up = manager.create(pair.up(), pair.upShape()).reshape(-1, rank);
            NDArray delta =
                    up.matMul(down).mul((float) (strength * pair.scale())).reshape(weight.shape());
            return Kernels.cast(Kernels.cast(old, DataType.FLOAT32).add(delta), old);
        });
        sum.attach(manager);
        weight.set(Scope.keep(sum));
        old.close();
    }
}
