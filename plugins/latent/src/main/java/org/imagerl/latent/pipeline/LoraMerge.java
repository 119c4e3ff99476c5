package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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
     * What a file of any layout makes of the weights that it is for: of one weight the sum, of the same dtype.
     *
     * @param loras the layouts that are known
     * @param networks by component, all that an adapter may name
     * @param changed receives each component that the adapter is for
     * @throws UserException if the adapter is for another model, or the strength is out of its range
     */
    static Map<Parameter, UnaryOperator<NDArray>> changes(
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
        Map<Parameter, UnaryOperator<NDArray>> changes = new HashMap<>();
        fitted.forEach((path, pair) -> {
            Parameter weight = weights.get(path);
            if (weight != null) {
                changes.put(weight, old -> sum(old, pair, strength, manager));
            }
        });
        return changes;
    }

    /** Changes weights that are in memory. The old tensor may be a read-only map of the checkpoint's file: the sum is a new one. */
    static void apply(Map<Parameter, UnaryOperator<NDArray>> changes, NDManager manager) {
        Gradients.off(() -> {
            changes.forEach((weight, change) -> {
                NDArray old = weight.value();
                NDArray sum = change.apply(old);
                sum.attach(manager);
                weight.set(Scope.keep(sum));
                old.close();
            });
            return changes;
        });
    }

    private static NDArray sum(NDArray old, LoraPair pair, double strength, NDManager manager) {
        return Scope.of(() -> {
            int rank = pair.rank();
            NDArray down = manager.create(pair.down(), pair.downShape()).reshape(rank, -1);
            NDArray up = manager.create(pair.up(), pair.upShape()).reshape(-1, rank);
            NDArray delta =
                    up.matMul(down).mul((float) (strength * pair.scale())).reshape(old.getShape());
            return Kernels.cast(Kernels.cast(old, DataType.FLOAT32).add(delta), old);
        });
    }
}
