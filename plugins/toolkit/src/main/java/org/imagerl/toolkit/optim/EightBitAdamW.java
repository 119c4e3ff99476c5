package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.run.UpdateRule;

/** {@link AdamW} whose moments are kept in 8 bits, see {@link EightBitMoments}. */
public record EightBitAdamW(AdamW.Settings settings) implements UpdateRule {
    @Override
    public AdamW over(SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors, NDManager parent) {
        return new AdamW(settings, parameters, factors, parent, EightBitMoments::new);
    }
}
