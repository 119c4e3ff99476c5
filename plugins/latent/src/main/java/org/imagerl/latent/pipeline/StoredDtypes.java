package org.imagerl.latent.pipeline;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.imagerl.spi.PipelineFactory.StoredWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.WeightViews;

/** In which dtypes the files of a checkpoint hold the weights of its networks, by component: known of those whose files were opened. */
final class StoredDtypes {
    private final Map<String, StoredWeights> found = new ConcurrentSkipListMap<>();

    /** Notices the files of a network that are open. */
    void saw(ParameterStore network, WeightViews weights) {
        found.put(network.component(), new StoredWeights(network.elements(), least(weights)));
    }

    /** The least dtype that holds all weights as they are. */
    private static String least(WeightViews weights) {
        Set<DType> types = weights.views().values().stream()
                .map(view -> view.entry().dtype())
                .map(type -> type.isEighth() ? DType.F8_E4M3 : type)
                .collect(Collectors.toSet());
        if (types.size() != 1) {
            return StoredWeights.FLOAT32;
        }
        return switch (types.iterator().next()) {
            case F16 -> StoredWeights.FLOAT16;
            case BF16 -> StoredWeights.BFLOAT16;
            case F8_E4M3 -> StoredWeights.FLOAT8;
            default -> StoredWeights.FLOAT32;
        };
    }

    /** The dtype in which a component is written where nobody names another one; float8, which is never written, as bfloat16. */
    DType written(String component) {
        StoredWeights stored = found.get(component);
        if (stored == null) {
            return DType.F32;
        }
        return switch (stored.dtype()) {
            case StoredWeights.FLOAT16 -> DType.F16;
            case StoredWeights.BFLOAT16, StoredWeights.FLOAT8 -> DType.BF16;
            default -> DType.F32;
        };
    }

    /** By component. */
    Map<String, StoredWeights> all() {
        return new TreeMap<>(found);
    }
}
