package org.imagerl.toolkit.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.Adaptable;
import org.imagerl.toolkit.nn.Adapter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.parallel.ThreadScopedValue;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Trainable low-rank adapters on networks (Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, 2021, arXiv 2106.09685,
 * eq. 3): {@code W x + (alpha / r) B A x} with B = 0 at the start, so that training starts at the network itself, and without
 * adapters it is the network itself to the last bit.
 */
public final class LoraTuning implements TrainedWeights {
    private static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";

    private final NDManager manager;
    private final Map<String, Adaptable> layers = new LinkedHashMap<>();
    private final Map<String, Adapter> adapters = new LinkedHashMap<>();
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();

    /** What the adapters are made of; empty: there are none. */
    private final ThreadScopedValue<Optional<Map<String, NDArray>>> inPlace =
            new ThreadScopedValue<>(Optional.of(parameters));

    /**
     * Puts fresh adapters on the layers that the patterns choose. Each has its own random stream.
     *
     * @throws UserException if a pattern matches no layer, or no pattern one of a network
     */
    public LoraTuning(List<ParameterStore> networks, TuningSpec.Lora spec, RandomStreams random, NDManager parent) {
        check(networks, spec);
        manager = parent.newSubManager();
        networks.forEach(network -> adapt(network, spec, random));
    }

    /**
     * Makes sure that there are layers for the adapters.
     *
     * @throws UserException if a pattern matches no layer, or no pattern one of a network
     */
    public static void check(List<ParameterStore> networks, TuningSpec.Lora spec) {
        Targets.check(
                networks.stream()
                        .flatMap(network -> network.adaptables().keySet().stream())
                        .toList(),
                spec.targets());
        for (ParameterStore network : networks) {
            if (Targets.choose(network.adaptables().keySet(), spec.targets()).isEmpty()) {
                throw UserException.input(
                        "no layer of " + network.component() + " matches the LoRA targets " + spec.targets());
            }
        }
    }

    private void adapt(ParameterStore network, TuningSpec.Lora spec, RandomStreams random) {
        for (String path : Targets.choose(network.adaptables().keySet(), spec.targets())) {
            Adaptable layer = Objects.requireNonNull(network.adaptables().get(path));
            String name = network.component() + "." + path;
            NDArray down = leaf(Gradients.off(() -> initial(spec, layer, random.seed(name))));
            NDArray up = leaf(manager.zeros(upShape(layer.weight().shape(), spec.rank()), DataType.FLOAT32));
            layers.put(name, layer);
            adapters.put(name, new Adapter(down, up, spec.alpha() / spec.rank()));
            parameters.put(name + DOWN, down);
            parameters.put(name + UP, up);
            layer.adapt(() -> adapter(name));
        }
    }

    private @Nullable Adapter adapter(String name) {
        double scale = Objects.requireNonNull(adapters.get(name)).scale();
        return inPlace.get()
                .map(values -> new Adapter(down(values, name), up(values, name), scale))
                .orElse(null);
    }

    @Override
    public <T> T with(@Nullable Map<String, NDArray> values, Supplier<T> body) {
        return inPlace.with(Optional.ofNullable(values), body);
    }

    private static NDArray down(Map<String, NDArray> values, String name) {
        return Objects.requireNonNull(values.get(name + DOWN));
    }

    private static NDArray up(Map<String, NDArray> values, String name) {
        return Objects.requireNonNull(values.get(name + UP));
    }

    /** The adapters by component and module path, {@code unet.down_blocks.0...to_q}. */
    public Map<String, Adapter> adapters() {
        return Collections.unmodifiableMap(adapters);
    }

    /** By PEFT-style key. */
    @Override
    public SortedMap<String, NDArray> parameters() {
        return Collections.unmodifiableSortedMap(parameters);
    }

    @Override
    public void close() {
        layers.values().forEach(layer -> layer.adapt(null));
        manager.close();
    }

    private static NDArray leaf(NDArray array) {
        Scope.keep(array).setRequiresGradient(true);
        return array;
    }

    private NDArray initial(TuningSpec.Lora spec, Adaptable layer, long seed) {
        Shape shape = downShape(layer.weight().shape(), spec.rank());
        return switch (spec.init()) {
            case GAUSSIAN -> Kernels.randn(manager, seed, shape).muli(1.0f / spec.rank());
            case KAIMING -> {
                long fanIn = shape.size() / spec.rank();
                float bound = (float) (1 / Math.sqrt((double) fanIn));
                yield Kernels.rand(manager, seed, shape).muli(2 * bound).subi(bound);
            }
        };
    }

    private static Shape downShape(Shape weight, int rank) {
        long[] shape = weight.getShape().clone();
        shape[0] = rank;
        return new Shape(shape);
    }

    private static Shape upShape(Shape weight, int rank) {
        return weight.dimension() == 2 ? new Shape(weight.get(0), rank) : new Shape(weight.get(0), rank, 1, 1);
    }
}
