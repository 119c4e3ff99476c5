package org.imagerl.tests.contracts;

import java.util.List;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.TrustRegion;
import org.imagerl.testkit.TrustRegionContract;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every trust region keeps its contract. */
@ParameterizedClass
@MethodSource("all")
class EveryTrustRegionTest extends TrustRegionContract {
    @Parameter
    Supplier<TrustRegion> maker;

    static List<Named<Supplier<TrustRegion>>> all() {
        return Parts.all(Kind.TRUST_REGION);
    }

    @Override
    protected TrustRegion create() {
        return maker.get();
    }
}
