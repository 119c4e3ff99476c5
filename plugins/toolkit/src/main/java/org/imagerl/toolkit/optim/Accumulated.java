package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The gradients that trained tensors have accumulated: what an {@link org.imagerl.spi.run.Optimiser} steps along.
 *
 * @param parameters float32 leaves of any shape that require gradients, by name; not owned
 */
public record Accumulated(SortedMap<String, NDArray> parameters) {

    /** The gradients, float32, each of the shape of its parameter. */
    public SortedMap<String, NDArray> gradients() {
        SortedMap<String, NDArray> gradients = new TreeMap<>();
        parameters.forEach((name, parameter) -> gradients.put(name, parameter.getGradient()));
        return gradients;
    }

    /** Makes all of them zero. */
    public void clear() {
        parameters.values().forEach(weight -> JniUtils.zeroGrad((PtNDArray) weight));
    }

    /** Their norm, all together; they are cleared. */
    public double discard() {
        return Gradients.off(() -> {
            double[] norm = new double[1];
            Scope.run(() -> {
                norm[0] = InPlaceKernels.globalNorm(List.copyOf(gradients().values()));
                clear();
            });
            return norm[0];
        });
    }
}
