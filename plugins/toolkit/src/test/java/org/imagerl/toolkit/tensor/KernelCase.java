package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Function;

/** A differentiable kernel, with the shapes of inputs that it can be tried on. */
record KernelCase(String name, Function<NDArray[], NDArray> kernel, Shape... inputs) {

    /** All kernels that networks and losses are made of. */
    static List<KernelCase> all() {
        return List.of(
                new KernelCase("silu", x -> Kernels.silu(x[0]), new Shape(2, 5)),
                new KernelCase("gelu", x -> Kernels.gelu(x[0]), new Shape(2, 5)),
                new KernelCase("geluTanh", x -> Kernels.geluTanh(x[0]), new Shape(2, 5)),
                new KernelCase("quickGelu", x -> Kernels.quickGelu(x[0]), new Shape(2, 5)),
                new KernelCase("geglu", x -> Kernels.geglu(x[0]), new Shape(2, 6)),
                new KernelCase("geluGated", x -> Kernels.geluGated(x[0], x[1]), new Shape(2, 3), new Shape(2, 3)),
                new KernelCase(
                        "linearHalf",
                        x -> Kernels.linearHalf(x[0], x[1], x[2], true),
                        new Shape(2, 5),
                        new Shape(6, 5),
                        new Shape(6)),
                new KernelCase(
                        "groupNorm",
                        x -> Kernels.groupNorm(x[0], x[1], x[2], 2, 1e-5),
                        new Shape(2, 4, 3, 3),
                        new Shape(4),
                        new Shape(4)),
                new KernelCase(
                        "groupNormSilu",
                        x -> Kernels.groupNormSilu(x[0], x[1], x[2], 2, 1e-5),
                        new Shape(2, 4, 3, 3),
                        new Shape(4),
                        new Shape(4)),
                new KernelCase(
                        "layerNorm",
                        x -> Kernels.layerNorm(x[0], x[1], x[2], 1e-5),
                        new Shape(3, 6),
                        new Shape(6),
                        new Shape(6)),
                new KernelCase("rmsNorm", x -> Kernels.rmsNorm(x[0], x[1], 1e-6), new Shape(3, 6), new Shape(6)),
                new KernelCase(
                        "rmsNormHeads", x -> Kernels.rmsNormHeads(x[0], x[1], 1e-6), new Shape(2, 3, 8), new Shape(4)),
                new KernelCase(
                        "modulatedNorm",
                        x -> Kernels.modulatedNorm(x[0], x[1], x[2], 1e-6),
                        new Shape(2, 3, 6),
                        new Shape(2, 6),
                        new Shape(2, 6)),
                new KernelCase(
                        "gatedAdd",
                        x -> Kernels.gatedAdd(x[0], x[1], x[2]),
                        new Shape(2, 3, 4),
                        new Shape(2, 4),
                        new Shape(2, 3, 4)),
                new KernelCase(
                        "rotatePairs", x -> Kernels.rotatePairs(x[0], x[1]), new Shape(2, 3, 8), new Shape(2, 3, 2)),
                new KernelCase(
                        "attention",
                        x -> Kernels.attention(x[0], x[1], x[2], 2, false),
                        new Shape(2, 3, 8),
                        new Shape(2, 5, 8),
                        new Shape(2, 5, 8)),
                new KernelCase(
                        "causalAttention",
                        x -> Kernels.attention(x[0], x[1], x[2], 2, true),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8)),
                new KernelCase(
                        "maskedAttention",
                        x -> Kernels.attention(x[0], x[1], x[2], 2, x[3], 0.8),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8),
                        new Shape(1, 4, 8),
                        new Shape(1, 1, 4, 4)),
                new KernelCase("upsampleNearest", x -> Kernels.upsampleNearest(x[0], 5, 7), new Shape(1, 2, 3, 4)),
                new KernelCase(
                        "loraLinear",
                        x -> Kernels.loraLinear(x[0], x[1], x[2], x[3], 0.7),
                        new Shape(3, 4),
                        new Shape(3, 5),
                        new Shape(2, 5),
                        new Shape(4, 2)),
                new KernelCase(
                        "loraConv2d",
                        x -> Kernels.loraConv2d(x[0], x[1], x[2], x[3], 0.7, 2, 1),
                        new Shape(1, 3, 2, 2),
                        new Shape(1, 2, 4, 4),
                        new Shape(2, 2, 3, 3),
                        new Shape(3, 2, 1, 1)),
                new KernelCase(
                        "loraWeight",
                        x -> Kernels.loraWeight(x[0], x[1], x[2], 0.7),
                        new Shape(3, 2, 2, 2),
                        new Shape(2, 2, 2, 2),
                        new Shape(3, 2, 1, 1)),
                new KernelCase("scale", x -> Kernels.scale(x[0], -1.7), new Shape(4)),
                new KernelCase("shift", x -> Kernels.shift(x[0], 3.5), new Shape(4)),
                new KernelCase("combine", x -> Kernels.combine(x[0], 0.3, x[1], -2.5), new Shape(4), new Shape(4)),
                new KernelCase("clamp", x -> Kernels.clamp(x[0], -0.4, 0.6), new Shape(9)),
                new KernelCase("meanPerSample", x -> Kernels.meanPerSample(x[0]), new Shape(3, 2, 2)),
                new KernelCase(
                        "gaussianLogDensity",
                        x -> Kernels.gaussianLogDensity(x[0], x[1], 0.3),
                        new Shape(2, 3),
                        new Shape(2, 3)));
    }
}
