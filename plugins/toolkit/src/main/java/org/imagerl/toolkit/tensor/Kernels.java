package org.imagerl.toolkit.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The operations that DJL's PyTorch engine lacks, has slow, or has wrong, as methods of one TorchScript module that is assembled
 * in memory ({@code kernels.torchscript}). All are differentiable unless said otherwise, keep the dtype of their first argument
 * and attach their result to its manager. Numbers go in as CPU scalars with native storage, cached by value: DJL's own
 * {@code x.mul(Number)} frees its operand's memory before the backward pass reads it.
 */
public final class Kernels {
    private static final NDManager MANAGER = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    private static final PtSymbolBlock MODULE = load();
    private static final Map<Double, NDArray> NUMBERS = new ConcurrentHashMap<>();
    private static final Map<String, NDArray> CONSTANTS = new ConcurrentHashMap<>();

    /** The plain interpreter: same speed, and the same operations in the first call as in the thousandth. Set per thread. */
    private static final ThreadLocal<Boolean> INTERPRETER = ThreadLocal.withInitial(() -> {
        JniUtils.setGraphExecutorOptimize(false);
        return true;
    });

    private Kernels() {}

    /** x sigmoid(x), element by element; any shape. */
    public static NDArray silu(NDArray x) {
        return call("silu", x);
    }

    /** The error function, element by element; any shape. */
    public static NDArray erf(NDArray x) {
        return call("erf", x);
    }

    /** {@code e^x - 1}, exact near 0 too, element by element; any shape. */
    public static NDArray expm1(NDArray x) {
        return call("expm1", x);
    }

    /** The exact GELU, x Phi(x); any shape. */
    public static NDArray gelu(NDArray x) {
        return call("gelu", x);
    }

    /** GELU's tanh approximation; any shape. */
    public static NDArray geluTanh(NDArray x) {
        return call("gelu_tanh", x);
    }

    /** x sigmoid(1.702 x), CLIP's activation; any shape. */
    public static NDArray quickGelu(NDArray x) {
        return call("quick_gelu", x);
    }

    /** First half of the last dimension times the GELU of the second half: {@code [..., 2 E]} to {@code [..., E]}. */
    public static NDArray geglu(NDArray x) {
        return call("geglu", x);
    }

    /**
     * Group normalisation.
     *
     * @param x {@code [B, C, ...]}
     * @param weight {@code [C]}
     * @param bias {@code [C]}
     */
    public static NDArray groupNorm(NDArray x, NDArray weight, NDArray bias, int groups, double eps) {
        return call("group_norm", x, weight, bias, number(groups), number(eps));
    }

    /** {@link #silu} of {@link #groupNorm} of {@code [B, C, ...]}, in one call. */
    public static NDArray groupNormSilu(NDArray x, NDArray weight, NDArray bias, int groups, double eps) {
        return call("group_norm_silu", x, weight, bias, number(groups), number(eps));
    }

    /** Layer normalisation over the last dimension of {@code [..., E]}; weight and bias {@code [E]}. */
    public static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps) {
        return call("layer_norm", x, weight, bias, number(eps));
    }

    /** Layer normalisation over the last dimension of {@code [..., E]} without scale and shift. */
    public static NDArray layerNorm(NDArray x, double eps) {
        return call("layer_norm_plain", x, number(eps));
    }

    /** Root-mean-square normalisation over the last dimension of {@code [..., E]}; weight {@code [E]}. */
    public static NDArray rmsNorm(NDArray x, NDArray weight, double eps) {
        return call("rms_norm", x, weight, number(eps));
    }

    /**
     * Root-mean-square normalisation of every attention head for itself.
     *
     * @param x {@code [B, L, heads d]}
     * @param weight {@code [d]}
     */
    public static NDArray rmsNormHeads(NDArray x, NDArray weight, double eps) {
        return call("rms_norm_heads", x, weight, number(eps));
    }

    /**
     * {@code (1 + scale) n(x) + shift}, n the layer normalisation over the last dimension without scale and shift.
     *
     * @param x {@code [B, L, E]}
     * @param scale {@code [B, E]}
     * @param shift {@code [B, E]}
     */
    public static NDArray modulatedNorm(NDArray x, NDArray scale, NDArray shift, double eps) {
        return call("modulated_norm", x, scale, shift, number(eps));
    }

    /**
     * {@code x + gate y}.
     *
     * @param x {@code [B, L, E]}
     * @param gate {@code [B, E]}
     * @param y {@code [B, L, E]}
     */
    public static NDArray gatedAdd(NDArray x, NDArray gate, NDArray y) {
        return call("gated_add", x, gate, y);
    }

    /**
     * Turns the pairs of neighbouring elements of every attention head, as complex numbers, by angles that belong to the place in the
     * sequence; computed in the table's dtype.
     *
     * @param x {@code [B, L, heads d]}
     * @param table {@code [2, L, d/2]}: cosines and sines of the angles
     */
    public static NDArray rotatePairs(NDArray x, NDArray table) {
        return call("rotate_pairs", x, table);
    }

    /**
     * Multi-head scaled dot-product attention.
     *
     * @param q {@code [B, L, heads d]}
     * @param k {@code [B, M, heads d]}
     * @param v {@code [B, M, heads d]}
     * @param causal whether position i sees only positions up to i
     * @return {@code [B, L, heads d]}
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, int heads, boolean causal) {
        return call("attention", q, k, v, number(heads), number(causal ? 1 : 0));
    }

    /**
     * As {@link #attention}, with a bias that is added to the scores.
     *
     * @param bias floating point, broadcast to {@code [B, heads, L, M]}; differentiable
     * @param scale of the products of queries and keys, elsewhere 1 / sqrt(d)
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, int heads, NDArray bias, double scale) {
        return call("attention_masked", q, k, v, number(heads), bias, number(scale));
    }

    /** Nearest-neighbour resize of {@code [B, C, h, w]} to {@code [B, C, height, width]}. */
    public static NDArray upsampleNearest(NDArray x, int height, int width) {
        return call("upsample_nearest", x, number(height), number(width));
    }

    /** The pixels of a feature map {@code [B, C, h, w]} as a sequence {@code [B, hw, C]}, contiguous. */
    public static NDArray sequence(NDArray x) {
        return call("sequence", x);
    }

    /** A sequence {@code [B, hw, C]} as a feature map of the height and width of {@code like}; a view, channels last in memory. */
    public static NDArray featureMap(NDArray x, NDArray like) {
        return call("feature_map", x, like);
    }

    /**
     * {@code base + scale (x down^T) up^T}: a low-rank adapter on a linear layer; computed in the adapter's dtype, and rounded once to that of
     * {@code base}, as peft does.
     *
     * @param base the layer's output {@code [..., out]}
     * @param x the layer's input {@code [..., in]}
     * @param down {@code [rank, in]}
     * @param up {@code [out, rank]}
     */
    public static NDArray loraLinear(NDArray base, NDArray x, NDArray down, NDArray up, double scale) {
        return call("lora_linear", base, x, down, up, number(scale));
    }

    /**
     * A low-rank adapter on a convolution, computed and rounded as in {@link #loraLinear}: {@code down} has the layer's geometry, {@code up} is 1 x 1.
     *
     * @param base the layer's output {@code [B, out, h, w]}
     * @param x the layer's input {@code [B, in, H, W]}
     * @param down {@code [rank, in, k, k]}
     * @param up {@code [out, rank, 1, 1]}
     */
    public static NDArray loraConv2d(
            NDArray base, NDArray x, NDArray down, NDArray up, double scale, int stride, int padding) {
        return call("lora_conv2d", base, x, down, up, number(scale), number(stride), number(padding));
    }

    /** {@code weight + scale up down}: a layer's weight {@code [out, in]} or {@code [out, in, k, k]} with its low-rank adapter; all float32. */
    public static NDArray loraWeight(NDArray weight, NDArray down, NDArray up, double scale) {
        return call("lora_weight", weight, down, up, number(scale));
    }

    /** Differentiable cast of an array of any shape to the dtype of {@code like}. */
    public static NDArray cast(NDArray x, NDArray like) {
        return call("to_type", x, like);
    }

    /** Differentiable cast of an array of any shape. */
    public static NDArray cast(NDArray x, DataType type) {
        return Precision.of(x) == type ? x : call("to_type", x, typed(type));
    }

    /** {@code factor x}; any shape. */
    public static NDArray scale(NDArray x, double factor) {
        return call("scale", x, number(factor));
    }

    /** {@code x + offset}; any shape. */
    public static NDArray shift(NDArray x, double offset) {
        return call("shift", x, number(offset));
    }

    /** {@code a x + b y}; both of the same shape. */
    public static NDArray combine(NDArray x, double a, NDArray y, double b) {
        return call("add_scaled", x, y, number(a), number(b));
    }

    /** Clamp of an array of any shape; the gradient is zero outside the range. */
    public static NDArray clamp(NDArray x, double low, double high) {
        return call("clamp", x, number(low), number(high));
    }

    /** Mean over all but the first dimension: {@code [B]}. */
    public static NDArray meanPerSample(NDArray x) {
        return call("mean_per_sample", x);
    }

    /**
     * Mean over the elements of the log-density of a Gaussian with one standard deviation:
     * {@code mean_d[-(x - mean)^2 / (2 std^2)] - ln std - ln(2 pi) / 2}, {@code [B]}.
     *
     * @param x {@code [B, ...]}
     * @param mean like x
     */
    public static NDArray gaussianLogDensity(NDArray x, NDArray mean, double std) {
        double constant = -Math.log(std) - 0.5 * Math.log(2 * Math.PI);
        return call("gaussian_log_density", x, mean, number(std), number(constant));
    }

    /** Whether a gradient flows to or through the array, of any shape; DJL's own question is true for leaves only. */
    public static boolean requiresGradient(NDArray x) {
        try (NDArray answer = call("requires_grad", x)) {
            return answer.getBoolean();
        }
    }

    /** Standard normal numbers, float32 of any shape, those of {@code torch.randn(shape, generator=torch.Generator().manual_seed(seed))}. */
    public static NDArray randn(NDManager manager, long seed, Shape shape) {
        return random("randn", manager, seed, shape);
    }

    /** Uniform numbers in [0, 1), float32 of any shape, those of {@code torch.rand} with such a generator. */
    public static NDArray rand(NDManager manager, long seed, Shape shape) {
        return random("rand", manager, seed, shape);
    }

    private static NDArray random(String kind, NDManager manager, long seed, Shape shape) {
        NDArray noise = Scope.of(() -> call(
                kind,
                MANAGER.create(seed),
                MANAGER.create(shape.getShape(), new Shape(shape.dimension())),
                place(manager.getDevice())));
        noise.attach(manager);
        return noise;
    }

    /** A float32 number on a device: the engine's own way there, {@code toDevice}, leaves a manager behind in every call. */
    private static NDArray place(Device device) {
        return CONSTANTS.computeIfAbsent(
                "device " + device,
                key -> Scope.keep(MANAGER.newSubManager(device).zeros(new Shape())));
    }

    /**
     * One AdamW step in place over lists of tensors, float32, each with its gradient and moments of the same shape, torch's fused kernel. Not differentiable; gradients must be off.
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
        call("copy_in_place", target, source).close();
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
                NDManager scratch = MANAGER.newSubManager()) {
            scope.suppressNotUsedWarning();
            for (double number : numbers) {
                // Not cached: such numbers change from call to call.
                inputs.add(MANAGER.create(number));
            }
            NDArray result = run(method, inputs);
            result.attach(scratch); // see Floats
            return result.toType(DataType.FLOAT64, false).getDouble();
        } finally {
            // A name with brackets would make a list of the tensor in its next kernel call.
            inputs.forEach(tensor -> tensor.setName(null));
        }
    }

    private static NDArray call(String method, NDArray... inputs) {
        return run(method, new NDList(inputs));
    }

    private static NDArray run(String method, NDList inputs) {
        INTERPRETER.get();
        inputs.add(method(method));
        try {
            // isTrain = true keeps autograd; whether a graph is recorded is up to the thread's grad mode.
            return IValueUtils.forward(MODULE, inputs, true).singletonOrThrow();
        } finally {
            inputs.remove(inputs.size() - 1);
        }
    }

    private static NDArray number(double value) {
        return NUMBERS.computeIfAbsent(value, v -> Scope.keep(MANAGER.create(v.doubleValue())));
    }

    private static NDArray typed(DataType type) {
        return CONSTANTS.computeIfAbsent("dtype " + type, key -> Scope.keep(zero(type)));
    }

    private static NDArray zero(DataType type) {
        return type == DataType.BFLOAT16
                ? call("to_bfloat16", MANAGER.zeros(new Shape()))
                : MANAGER.zeros(new Shape(), type);
    }

    private static NDArray method(String name) {
        return CONSTANTS.computeIfAbsent("module_method:" + name, key -> {
            NDArray method = Scope.keep(MANAGER.zeros(new Shape()));
            method.setName(key);
            return method;
        });
    }

    private static PtSymbolBlock load() {
        try {
            return JniUtils.loadModule(
                    (PtNDManager) MANAGER, new ByteArrayInputStream(KernelArchive.kernels()), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
