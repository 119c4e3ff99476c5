package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.toolkit.optim.AdamW.Settings;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Moments in 8 bits with a float32 scale for each block of 256 (Dettmers, Lewis, Shleifer, Zettlemoyer, 8-bit Optimizers via Block-wise
 * Quantization, 2021, arXiv 2110.02861): about 2 bytes for each trained number in place of 8. A step turns a tensor's moments into float32, moves
 * them and the weights, and rounds them to the nearest {@link DynamicCode}. As in bitsandbytes, small tensors, whose moments weigh nothing,
 * have float32 ones. Unlike there, a mean of squares above zero is never rounded to zero, which would make later updates of that weight many
 * times too large.
 */
final class EightBitMoments implements Moments {
    /** Numbers that share a scale. */
    static final int BLOCK = 256;

    /** Numbers of a tensor from which on it has 8-bit moments. */
    static final int FEWEST = 4096;

    private final Settings settings;
    private final SortedMap<String, NDArray> parameters;
    private final FloatMoments small;
    private final SortedMap<String, Quantised> first = new TreeMap<>();
    private final SortedMap<String, Quantised> second = new TreeMap<>();
    private final Codebook signed;
    private final Codebook unsigned;

    /**
     * @param codes uint8 {@code [N, 256]}
     * @param scales float32 {@code [N]}
     */
    private record Quantised(NDArray codes, NDArray scales) {
        static Quantised zeros(NDArray parameter, int zero, NDManager manager) {
            long blocks = (parameter.size() + BLOCK - 1) / BLOCK;
            NDArray codes = Scope.keep(manager.zeros(new Shape(blocks, BLOCK), DataType.UINT8));
            try (NDArray code = manager.full(new Shape(1), zero)) {
                InPlaceKernels.copyInPlace(codes, code);
            }
            return new Quantised(codes, Scope.keep(manager.zeros(new Shape(blocks), DataType.FLOAT32)));
        }
    }

    /** The values of codes {@code [256]}, and the borders between the nearest ones {@code [255]}. */
    private record Codebook(NDArray values, NDArray borders) {
        static Codebook of(float[] values, NDManager manager) {
            return new Codebook(owned(values, manager), owned(DynamicCode.borders(values), manager));
        }

        private static NDArray owned(float[] values, NDManager manager) {
            return Scope.keep(manager.create(values).duplicate());
        }
    }

    EightBitMoments(Settings settings, SortedMap<String, NDArray> parameters, NDManager manager) {
        this.settings = settings;
        this.parameters = parameters;
        signed = Codebook.of(DynamicCode.signed(), manager);
        unsigned = Codebook.of(DynamicCode.unsigned(), manager);
        SortedMap<String, NDArray> few = new TreeMap<>();
        parameters.forEach((name, parameter) -> {
            if (parameter.size() < FEWEST) {
                few.put(name, parameter);
            } else {
                first.put(name, Quantised.zeros(parameter, DynamicCode.zero(DynamicCode.signed()), manager));
                second.put(name, Quantised.zeros(parameter, DynamicCode.zero(DynamicCode.unsigned()), manager));
            }
        });
        small = new FloatMoments(settings, few, manager);
    }

    @Override
    public void step(List<String> names, Map<String, NDArray> gradients, double learningRate, long steps) {
        List<String> few =
                names.stream().filter(name -> !first.containsKey(name)).toList();
        if (!few.isEmpty()) {
            small.step(few, gradients, learningRate, steps);
        }
        double correction1 = 1 - Math.pow(settings.beta1(), (double) steps);
        double correction2 = 1 - Math.pow(settings.beta2(), (double) steps);
        for (String name : names) {
            Quantised mean = first.get(name);
            if (mean != null) {
                Quantised square = Objects.requireNonNull(second.get(name));
                InPlaceKernels.adamwEightBit(
                        List.of(
                                Objects.requireNonNull(parameters.get(name)),
                                Objects.requireNonNull(gradients.get(name)),
                                mean.codes,
                                mean.scales,
                                square.codes,
                                square.scales,
                                signed.values,
                                signed.borders,
                                unsigned.values,
                                unsigned.borders),
                        learningRate,
                        settings.beta1(),
                        settings.beta2(),
                        settings.weightDecay(),
                        settings.epsilon(),
                        correction1,
                        correction2);
            }
        }
    }

    @Override
    public Map<String, NDArray> tensors() {
        Map<String, NDArray> tensors = small.tensors();
        first.forEach((name, moment) -> put(tensors, "first." + name, moment));
        second.forEach((name, moment) -> put(tensors, "second." + name, moment));
        return tensors;
    }

    private static void put(Map<String, NDArray> tensors, String name, Quantised moment) {
        tensors.put(name + ".codes", moment.codes);
        tensors.put(name + ".scales", moment.scales);
    }
}
