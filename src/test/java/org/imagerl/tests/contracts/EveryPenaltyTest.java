package org.imagerl.tests.contracts;

import java.util.List;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.Penalty;
import org.imagerl.testkit.PenaltyContract;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every penalty keeps its contract. */
@ParameterizedClass
@MethodSource("all")
class EveryPenaltyTest extends PenaltyContract {
    @Parameter
    Supplier<Penalty> maker;

    static List<Named<Supplier<Penalty>>> all() {
        return Parts.all(Kind.PENALTY);
    }

    @Override
    protected Penalty create() {
        return maker.get();
    }
}
