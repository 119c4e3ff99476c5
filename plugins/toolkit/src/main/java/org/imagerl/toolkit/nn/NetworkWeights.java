package org.imagerl.toolkit.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.nn.Parameter.Init;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.FloatCodec;
import org.imagerl.toolkit.safetensors.KeyReport;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.safetensors.TensorView;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightViews;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.FreeMemory;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Precision;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** Weights of a network from files, into files, and from nothing. */
public final class NetworkWeights {
    private NetworkWeights() {}

    /**
     * Fills a network from files: each weight is read into the engine's own memory, one after another.
     *
     * @param type float32, float16 or bfloat16, of all weights
     * @param rename maps a key of the file to the key of the network; returns the empty string for keys to be ignored
     * @throws UserException listing all missing, unexpected and misshapen keys; or naming a weight that is not finite, or a
     *     file that was changed while it was read
     */
    public static void load(
            ParameterStore network, WeightFiles files, NDManager manager, DataType type, UnaryOperator<String> rename) {
        load(network, WeightViews.of(files, rename), manager, type);
    }

    /**
     * Fills a network with views of files, as {@link #load(ParameterStore, WeightFiles, NDManager, DataType, UnaryOperator)}.
     *
     * @param weights by the network's names
     */
    public static void load(ParameterStore network, WeightViews weights, NDManager manager, DataType type) {
        check(network, weights);
        if (manager.getDevice().equals(Device.cpu())) {
            long numbers =
                    network.shapes().values().stream().mapToLong(Shape::size).sum();
            FreeMemory.require(
                    numbers * type.getNumOfBytes(),
                    weights.where() + ": loading it as " + Precision.name(type),
                    "free some, or take a machine with more");
        }
        TensorReader reader = new TensorReader(manager, type);
        weights.views().forEach((key, view) -> {
            Parameter parameter = network.parameter(key);
            parameter.set(Scope.keep(reader.read(view, parameter.shape())));
        });
        for (String key : weights.identities()) {
            Parameter parameter = network.parameter(key);
            parameter.set(Scope.keep(identity(parameter.shape(), manager, type)));
        }
        weights.requireUnchanged();
    }

    /**
     * Runs the body while the weights of a network stay in their files: each is read whenever it is asked for, and freed with the scope in which
     * it is.
     *
     * @param weights by the network's names
     * @param type float32, float16 or bfloat16, of all weights
     * @param changes what is made of a weight that was read, of the same shape and type; others stay as they are
     * @throws UserException as {@link #load(ParameterStore, WeightViews, NDManager, DataType)}, of the values when they are read
     */
    public static void lend(
            ParameterStore network,
            WeightViews weights,
            NDManager manager,
            DataType type,
            Map<Parameter, UnaryOperator<NDArray>> changes,
            Runnable body) {
        check(network, weights);
        TensorReader reader = new TensorReader(manager, type);
        for (Parameter parameter : network.parameters()) {
            TensorView view = weights.views().get(parameter.key());
            UnaryOperator<NDArray> change = changes.getOrDefault(parameter, UnaryOperator.identity());
            parameter.standIn(() -> change.apply(
                    view == null ? identity(parameter.shape(), manager, type) : reader.read(view, parameter.shape())));
        }
        try {
            body.run();
            weights.requireUnchanged();
        } finally {
            network.parameters().forEach(parameter -> parameter.standIn(null));
        }
    }

    /**
     * Checks names, shapes and types, without reading a weight.
     *
     * @param weights by the network's names
     * @throws UserException listing all missing, unexpected and misshapen keys; or naming a weight that is of no floating-point type
     */
    public static void check(ParameterStore network, WeightViews weights) {
        Map<String, Shape> declared = network.shapes();
        Map<String, Shape> found = new TreeMap<>();
        weights.shapes().forEach((key, shape) -> found.put(key, squeezed(declared.get(key), shape)));
        weights.identities()
                .forEach(key -> found.put(key, network.parameter(key).shape()));
        KeyReport.check(weights.where(), declared, found);
        weights.views().values().forEach(NetworkWeights::requireFloat);
    }

    private static void requireFloat(TensorView view) {
        if (!view.dtype().isFloat()) {
            throw UserException.input(view.file().path() + ": tensor "
                    + Quote.of(view.entry().name()) + " has dtype " + view.dtype()
                    + ", expected F32, F16, BF16, F64, F8_E4M3 or F8_E5M2; take a file of the model that is in one of"
                    + " them");
        }
    }

    private static NDArray identity(Shape matrix, NDManager manager, DataType type) {
        try (NDArray one = manager.eye((int) matrix.get(0), (int) matrix.get(1), 0, DataType.FLOAT32)) {
            return type == DataType.FLOAT32 ? one.duplicate() : Kernels.cast(one, type);
        }
    }

    /** Old checkpoints hold some linear layers as 1 x 1 convolutions: the same numbers. */
    private static Shape squeezed(@Nullable Shape declared, Shape found) {
        if (declared == null || declared.dimension() != 2) {
            return found;
        }
        return found.equals(new Shape(declared.get(0), declared.get(1), 1, 1)) ? declared : found;
    }

    /** Replaces every weight that is not float32 by a copy that is, so that all may be trained and written. */
    public static void makeWritable(ParameterStore network, NDManager manager) {
        Gradients.off(() -> {
            for (Parameter parameter : network.parameters()) {
                NDArray old = parameter.value();
                if (old.getDataType() != DataType.FLOAT32) {
                    NDArray copy = Kernels.cast(old, DataType.FLOAT32);
                    copy.attach(manager);
                    parameter.set(Scope.keep(copy));
                    old.close();
                }
            }
            return network;
        });
    }

    /** Fills a network with its initial values, float32: every weight has its own random stream. */
    public static void initialise(ParameterStore network, NDManager manager, RandomStreams random) {
        Gradients.off(() -> {
            for (Parameter parameter : network.parameters()) {
                long seed = random.seed(network.component() + "." + parameter.key());
                parameter.set(Scope.keep(initial(parameter, manager, seed)));
            }
            return network;
        });
    }

    private static NDArray initial(Parameter parameter, NDManager manager, long seed) {
        Shape shape = parameter.shape();
        Init init = parameter.init();
        if (init instanceof Init.Constant constant) {
            return manager.full(shape, (float) constant.value());
        }
        if (init instanceof Init.Uniform uniform) {
            float bound = (float) uniform.bound();
            return Kernels.rand(manager, seed, shape).muli(2 * bound).subi(bound);
        }
        if (init instanceof Init.Table table) {
            return manager.create(table.values().get(), shape).duplicate();
        }
        return Kernels.randn(manager, seed, shape).muli((float) ((Init.Normal) init).std());
    }

    /**
     * The type in files of a precision by its name.
     *
     * @throws UserException if it is none of float32, float16 and bfloat16
     */
    public static DType fileType(String dtype) {
        return switch (Precision.named("dtype", dtype)) {
            case FLOAT16 -> DType.F16;
            case BFLOAT16 -> DType.BF16;
            default -> DType.F32;
        };
    }

    /** The weights for a writer, converted to {@code dtype} one at a time. */
    public static List<TensorSource> sources(ParameterStore network, DType dtype) {
        List<TensorSource> sources = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            sources.add(TensorSource.ofBytes(
                    parameter.key(), dtype, parameter.shape(), () -> FloatCodec.encode(floats(parameter), dtype)));
        }
        return sources;
    }

    /** The elements of a weight as float32, in row-major order; what was read for that is freed. */
    public static float[] floats(Parameter parameter) {
        float[][] values = new float[1][];
        Scope.run(() -> values[0] = Floats.of(parameter.value()));
        return values[0];
    }

    /** The initial values as {@link #initialise} gives them, for a writer: made when their turn comes, so that a network is never in memory. */
    public static List<TensorSource> initialSources(ParameterStore network, DType dtype, RandomStreams random) {
        List<TensorSource> sources = new ArrayList<>();
        for (Parameter parameter : network.parameters()) {
            long seed = random.seed(network.component() + "." + parameter.key());
            sources.add(TensorSource.ofBytes(
                    parameter.key(),
                    dtype,
                    parameter.shape(),
                    () -> Gradients.off(() -> initial(parameter, seed, dtype))));
        }
        return sources;
    }

    private static ByteBuffer initial(Parameter parameter, long seed, DType dtype) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            return bytes(initial(parameter, manager, seed), dtype);
        }
    }

    /** A tensor of any shape for a writer, converted to {@code dtype}. */
    public static TensorSource source(String name, NDArray tensor, DType dtype) {
        return TensorSource.ofBytes(name, dtype, tensor.getShape(), () -> bytes(tensor, dtype));
    }

    private static ByteBuffer bytes(NDArray tensor, DType dtype) {
        return FloatCodec.encode(Floats.of(tensor), dtype);
    }
}
