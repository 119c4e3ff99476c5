package org.imagerl.tests.contracts;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.StepWeight;
import org.imagerl.testkit.StepWeightContract;
import org.imagerl.testkit.TestPlugin;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Every weight of steps keeps its contract, that of testkit's plugin, too. */
@ParameterizedClass
@MethodSource("all")
class EveryStepWeightTest extends StepWeightContract {
    @Parameter
    Supplier<StepWeight> maker;

    static List<Named<Supplier<StepWeight>>> all() {
        List<Named<Supplier<StepWeight>>> all = new ArrayList<>(Parts.all(Kind.STEP_WEIGHT));
        all.addAll(Parts.all(Registry.of(new TestPlugin()), Kind.STEP_WEIGHT));
        return all;
    }

    @Override
    protected StepWeight create() {
        return maker.get();
    }
}
