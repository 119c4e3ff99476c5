package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The operations that DJL's PyTorch engine lacks, has slow, or has wrong, as methods of one TorchScript module that is assembled
 * in memory ({@code kernels.torchscript}). All are differentiable unless said otherwise, keep the dtype of their first argument
 * and attach their result to its manager. Numbers go in as CPU scalars with native storage, cached by value: DJL's own
 * {@code x.mul(Number)} frees its operand's memory before the backward pass reads it.
 */
public final class Kernels {
    private Kernels() {}

    /** x sigmoid(x), element by element; any shape. */
    public static NDArray silu(NDArray x) {
        return KernelModule.call("silu", x);
    }

    /** The error function, element by element; any shape. */
    public static NDArray erf(NDArray x) {
        return KernelModule.call("erf", x);
    }

    /** {@code e^x - 1}, exact near 0 too, element by element; any shape. */
    public static NDArray expm1(NDArray x) {
        return KernelModule.call("expm1", x);
    }

    /** The exact GELU, x Phi(x); any shape. */
    public static NDArray gelu(NDArray x) {
        return KernelModule.call("gelu", x);
    }

    /** GELU's tanh approximation; any shape. */
    public static NDArray geluTanh(NDArray x) {
        return KernelModule.call("gelu_tanh", x);
    }

    /** x sigmoid(1.702 x), CLIP's activation; any shape. */
    public static NDArray quickGelu(NDArray x) {
        return KernelModule.call("quick_gelu", x);
    }

    /** First half of the last dimension times the GELU of the second half: {@code [..., 2 E]} to {@code [..., E]}. */
    public static NDArray geglu(NDArray x) {
        return KernelModule.call("geglu", x);
    }

    /**
     * One half of a linear layer's output, equal to that part of the whole, but contiguous: {@code [..., in]} to
     * {@code [..., E]}.
     *
     * @param weight {@code [2 E, in]}
     * @param bias {@code [2 E]}
     * @param second whether it is the half from E on
     */
    public static NDArray linearHalf(NDArray x, NDArray weight, NDArray bias, boolean second) {
        return KernelModule.call("linear_half", x, weight, bias, KernelModule.number(second ? 1 : 0));
    }

    /** {@code x GELU(gate)}, all {@code [..., E]}. */
    public static NDArray geluGated(NDArray x, NDArray gate) {
        return KernelModule.call("gelu_gated", x, gate);
    }

    /**
     * The gradient {@code [..., in]} of the input of the linear layer whose halves {@link #geluGated} took.
     *
     * @param x {@code [..., E]}
     * @param gate {@code [..., E]}
     * @param gradient of the result {@code [..., E]}
     * @param weight of the layer, {@code [2 E, in]}
     */
    public static NDArray geluGatedBackward(NDArray x, NDArray gate, NDArray gradient, NDArray weight) {
        return KernelModule.call("gelu_gated_backward", x, gate, gradient, weight);
    }

    /**
     * The gradient of a convolution's input {@code [B, in, height, width]}.
     *
     * @param gradient of its output, {@code [B, out, h, w]}
     * @param weight {@code [out, in, k, k]}
     */
    public static NDArray convolutionBackward(
            NDArray gradient, NDArray weight, int stride, int padding, long height, long width) {
        return KernelModule.call(
                "conv_backward",
                gradient,
                weight,
                KernelModule.number(stride),
                KernelModule.number(padding),
                KernelModule.number((double) height),
                KernelModule.number((double) width));
    }

    /**
     * Group normalisation.
     *
     * @param x {@code [B, C, ...]}
     * @param weight {@code [C]}
     * @param bias {@code [C]}
     */
    public static NDArray groupNorm(NDArray x, NDArray weight, NDArray bias, int groups, double eps) {
        return KernelModule.call("group_norm", x, weight, bias, KernelModule.number(groups), KernelModule.number(eps));
    }

    /** {@link #silu} of {@link #groupNorm} of {@code [B, C, ...]}, in one call. */
    public static NDArray groupNormSilu(NDArray x, NDArray weight, NDArray bias, int groups, double eps) {
        return KernelModule.call(
                "group_norm_silu", x, weight, bias, KernelModule.number(groups), KernelModule.number(eps));
    }

    /** Layer normalisation over the last dimension of {@code [..., E]}; weight and bias {@code [E]}. */
    public static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps) {
        return KernelModule.call("layer_norm", x, weight, bias, KernelModule.number(eps));
    }

    /** Root-mean-square normalisation over the last dimension of {@code [..., E]}; weight {@code [E]}. */
    public static NDArray rmsNorm(NDArray x, NDArray weight, double eps) {
        return KernelModule.call("rms_norm", x, weight, KernelModule.number(eps));
    }

    /**
     * Root-mean-square normalisation of every attention head for itself.
     *
     * @param x {@code [B, L, heads d]}
     * @param weight {@code [d]}
     */
    public static NDArray rmsNormHeads(NDArray x, NDArray weight, double eps) {
        return KernelModule.call("rms_norm_heads", x, weight, KernelModule.number(eps));
    }

    /**
     * {@code (1 + scale) n(x) + shift}, n the layer normalisation over the last dimension without scale and shift.
     *
     * @param x {@code [B, L, E]}
     * @param scale {@code [B, E]}
     * @param shift {@code [B, E]}
     */
    public static NDArray modulatedNorm(NDArray x, NDArray scale, NDArray shift, double eps) {
        return KernelModule.call("modulated_norm", x, scale, shift, KernelModule.number(eps));
    }

    /**
     * {@code x + gate y}.
     *
     * @param x {@code [B, L, E]}
     * @param gate {@code [B, E]}
     * @param y {@code [B, L, E]}
     */
    public static NDArray gatedAdd(NDArray x, NDArray gate, NDArray y) {
        return KernelModule.call("gated_add", x, gate, y);
    }

    /**
     * Turns the pairs of neighbouring elements of every attention head, as complex numbers, by angles that belong to the place in the
     * sequence; computed in the table's dtype.
     *
     * @param x {@code [B, L, heads d]}
     * @param table {@code [2, L, d/2]}: cosines and sines of the angles
     */
    public static NDArray rotatePairs(NDArray x, NDArray table) {
        return KernelModule.call("rotate_pairs", x, table);
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
        return KernelModule.call("attention", q, k, v, KernelModule.number(heads), KernelModule.number(causal ? 1 : 0));
    }

    /**
     * As {@link #attention}, with a bias that is added to the scores.
     *
     * @param bias floating point, broadcast to {@code [B, heads, L, M]}; differentiable
     * @param scale of the products of queries and keys, elsewhere 1 / sqrt(d)
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, int heads, NDArray bias, double scale) {
        return KernelModule.call(
                "attention_masked", q, k, v, KernelModule.number(heads), bias, KernelModule.number(scale));
    }

    /** Nearest-neighbour resize of {@code [B, C, h, w]} to {@code [B, C, height, width]}. */
    public static NDArray upsampleNearest(NDArray x, int height, int width) {
        return KernelModule.call("upsample_nearest", x, KernelModule.number(height), KernelModule.number(width));
    }

    /** The pixels of a feature map {@code [B, C, h, w]} as a sequence {@code [B, hw, C]}, contiguous. */
    public static NDArray sequence(NDArray x) {
        return KernelModule.call("sequence", x);
    }

    /** A sequence {@code [B, hw, C]} as a feature map of the height and width of {@code like}; a view, channels last in memory. */
    public static NDArray featureMap(NDArray x, NDArray like) {
        return KernelModule.call("feature_map", x, like);
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
        return KernelModule.call("lora_linear", base, x, down, up, KernelModule.number(scale));
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
        return KernelModule.call(
                "lora_conv2d",
                base,
                x,
                down,
                up,
                KernelModule.number(scale),
                KernelModule.number(stride),
                KernelModule.number(padding));
    }

    /** {@code weight + scale up down}: a layer's weight {@code [out, in]} or {@code [out, in, k, k]} with its low-rank adapter; all float32. */
    public static NDArray loraWeight(NDArray weight, NDArray down, NDArray up, double scale) {
        return KernelModule.call("lora_weight", weight, down, up, KernelModule.number(scale));
    }

    /** Differentiable cast of an array of any shape to the dtype of {@code like}. */
    public static NDArray cast(NDArray x, NDArray like) {
        return KernelModule.call("to_type", x, like);
    }

    /** Differentiable cast of an array of any shape. */
    public static NDArray cast(NDArray x, DataType type) {
        return Precision.of(x) == type ? x : KernelModule.call("to_type", x, KernelModule.typed(type));
    }

    /** {@code factor x}; any shape. */
    public static NDArray scale(NDArray x, double factor) {
        return KernelModule.call("scale", x, KernelModule.number(factor));
    }

    /** {@code x + offset}; any shape. */
    public static NDArray shift(NDArray x, double offset) {
        return KernelModule.call("shift", x, KernelModule.number(offset));
    }

    /** {@code a x + b y}; both of the same shape. */
    public static NDArray combine(NDArray x, double a, NDArray y, double b) {
        return KernelModule.call("add_scaled", x, y, KernelModule.number(a), KernelModule.number(b));
    }

    /** Clamp of an array of any shape; the gradient is zero outside the range. */
    public static NDArray clamp(NDArray x, double low, double high) {
        return KernelModule.call("clamp", x, KernelModule.number(low), KernelModule.number(high));
    }

    /** Mean over all but the first dimension: {@code [B]}. */
    public static NDArray meanPerSample(NDArray x) {
        return KernelModule.call("mean_per_sample", x);
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
        return KernelModule.call(
                "gaussian_log_density", x, mean, KernelModule.number(std), KernelModule.number(constant));
    }

    /**
     * Minus the logarithm of the probability of texts, divided by their lengths, by connectionist temporal classification (Graves, Fernandez, Gomez and
     * Schmidhuber, 2006), with class 0 for the blank.
     *
     * @param logProbabilities float32 {@code [B, steps, classes]}, of each step the logarithms of probabilities with sum 1
     * @param texts of each row its classes, at least one and each above 0
     * @return float32 {@code [B]}; infinite where a text does not fit into the steps
     */
    public static NDArray ctc(NDArray logProbabilities, List<long[]> texts) {
        return Scope.of(() -> {
            NDManager manager = logProbabilities.getManager();
            int longest = texts.stream().mapToInt(text -> text.length).max().orElseThrow();
            long[] padded = texts.stream()
                    .flatMapToLong(text -> Arrays.stream(Arrays.copyOf(text, longest)))
                    .toArray();
            long[] steps = new long[texts.size()];
            Arrays.fill(steps, logProbabilities.getShape().get(1));
            long[] lengths = texts.stream().mapToLong(text -> text.length).toArray();
            return KernelModule.call(
                    "ctc",
                    logProbabilities.transpose(1, 0, 2),
                    manager.create(padded, new Shape(texts.size(), longest)).duplicate(),
                    manager.create(steps).duplicate(),
                    manager.create(lengths).duplicate());
        });
    }

    /** Whether a gradient flows to or through the array, of any shape; DJL's own question is true for leaves only. */
    public static boolean requiresGradient(NDArray x) {
        try (NDArray answer = KernelModule.call("requires_grad", x)) {
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
        NDArray noise = Scope.of(() -> KernelModule.call(
                kind,
                KernelModule.MANAGER.create(seed),
                KernelModule.MANAGER.create(shape.getShape(), new Shape(shape.dimension())),
                KernelModule.place(manager.getDevice())));
        noise.attach(manager);
        return noise;
    }
}
