package org.imagerl.tests.contracts;

import java.util.List;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.Likelihood;
import org.imagerl.testkit.LikelihoodContract;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every likelihood keeps its contract. */
@ParameterizedClass
@MethodSource("all")
class EveryLikelihoodTest extends LikelihoodContract {
    @Parameter
    Supplier<Likelihood> maker;

    static List<Named<Supplier<Likelihood>>> all() {
        return Parts.all(Kind.LIKELIHOOD);
    }

    @Override
    protected Likelihood create() {
        return maker.get();
    }
}
