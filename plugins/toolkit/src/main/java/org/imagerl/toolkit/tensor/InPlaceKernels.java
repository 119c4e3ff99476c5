package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import java.util.List;

/** The operations of {@link Kernels} that change tensors in place, or read them as a list; none is differentiable, and gradients must be off. */
public final class InPlaceKernels {
    private InPlaceKernels() {}

    /**
     * One AdamW step in place over lists of tensors, float32, each with its gradient and moments of the same shape,
     * torch's fused kernel. Not differentiable; gradients must be off.
     *
     * @param steps float32 scalars, the number of steps so far; raised by the call's owner before it
     */
    public static void adamw(
            List<NDArray> parameters,
            List<NDArray> gradients,
            List<NDArray> first,
            List<NDArray> second,
            List<NDArray> steps,
            double learningRate,
            double beta1,
            double beta2,
            double weightDecay,
            double epsilon) {
        NDList inputs = new NDList();
        named(inputs, "p[]", parameters);
        named(inputs, "g[]", gradients);
        named(inputs, "m[]", first);
        named(inputs, "v[]", second);
        named(inputs, "t[]", steps);
        runInPlace("adamw", inputs, learningRate, beta1, beta2, weightDecay, epsilon);
    }

    /**
     * One AdamW step in place over one tensor whose moments are codes of 8 bits, in blocks of 256 with a scale each; a mean of squares above zero is
     * not rounded to zero. Not differentiable; gradients must be off.
     *
     * @param tensors parameter and gradient, float32 of the same shape; of the mean of gradients codes uint8 {@code [N, 256]} and scales float32
     *     {@code [N]}; the same of the mean of squares; of signed and of unsigned codes the values float32 {@code [256]} and the borders between
     *     them {@code [255]}
     * @param correction1 of the mean of gradients, {@code 1 - beta1^t}
     * @param correction2 of the mean of squares, {@code 1 - beta2^t}
     */
    public static void adamwEightBit(
            List<NDArray> tensors,
            double learningRate,
            double beta1,
            double beta2,
            double weightDecay,
            double epsilon,
            double correction1,
            double correction2) {
        NDList inputs = new NDList();
        inputs.addAll(tensors);
        runInPlace("adamw_8bit", inputs, learningRate, beta1, beta2, weightDecay, epsilon, correction1, correction2);
    }

    /** Norm of all tensors, of any shape, together, as if they were one vector. */
    public static double globalNorm(List<NDArray> tensors) {
        NDList inputs = new NDList();
        named(inputs, "g[]", tensors);
        return runInPlace("global_norm", inputs);
    }

    /** Overwrites a tensor in place by one of the same shape; gradients must be off. DJL's {@code copyTo} does the same with a warning that nobody can act on. */
    public static void copyInPlace(NDArray target, NDArray source) {
        KernelModule.call("copy_in_place", target, source).close();
    }

    /** Multiplies every tensor, of any shape, in place. */
    public static void scaleInPlace(List<NDArray> tensors, double factor) {
        NDList inputs = new NDList();
        named(inputs, "g[]", tensors);
        runInPlace("scale_in_place", inputs, factor);
    }

    /** {@code target += weight (source - target)} in place; each pair of the same shape. */
    public static void lerpInPlace(List<NDArray> targets, List<NDArray> sources, double weight) {
        NDList inputs = new NDList();
        named(inputs, "a[]", targets);
        named(inputs, "b[]", sources);
        runInPlace("lerp_in_place", inputs, weight);
    }

    private static void named(NDList inputs, String name, List<NDArray> tensors) {
        for (NDArray tensor : tensors) {
            tensor.setName(name);
            inputs.add(tensor);
        }
    }

    private static double runInPlace(String method, NDList inputs, double... numbers) {
        try (NDScope scope = new NDScope();
                NDManager scratch = KernelModule.MANAGER.newSubManager()) {
            scope.suppressNotUsedWarning();
            for (double number : numbers) {
                // Not cached: such numbers change from call to call.
                inputs.add(KernelModule.MANAGER.create(number));
            }
            NDArray result = KernelModule.run(method, inputs);
            result.attach(scratch); // see Floats
            return result.toType(DataType.FLOAT64, false).getDouble();
        } finally {
            // A name with brackets would make a list of the tensor in its next kernel call.
            inputs.forEach(tensor -> tensor.setName(null));
        }
    }
}
