package org.imagerl.tests.contracts;

import java.util.List;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.Ratio;
import org.imagerl.testkit.RatioContract;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every ratio keeps its contract. */
@ParameterizedClass
@MethodSource("all")
class EveryRatioTest extends RatioContract {
    @Parameter
    Supplier<Ratio> maker;

    static List<Named<Supplier<Ratio>>> all() {
        return Parts.all(Kind.RATIO);
    }

    @Override
    protected Ratio create() {
        return maker.get();
    }
}
