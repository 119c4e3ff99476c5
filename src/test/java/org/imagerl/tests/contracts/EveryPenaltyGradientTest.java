package org.imagerl.tests.contracts;

import java.util.List;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.testkit.PenaltyGradientContract;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule by which penalties join the loss keeps its contract. */
@ParameterizedClass
@MethodSource("all")
class EveryPenaltyGradientTest extends PenaltyGradientContract {
    @Parameter
    Supplier<PenaltyGradient> maker;

    static List<Named<Supplier<PenaltyGradient>>> all() {
        return Parts.all(Kind.PENALTY_GRADIENT);
    }

    @Override
    protected PenaltyGradient create() {
        return maker.get();
    }
}
