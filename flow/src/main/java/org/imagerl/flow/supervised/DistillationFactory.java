package org.imagerl.flow.supervised;

import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Objective;

/** Makes {@code diffusion-opd}. */
public final class DistillationFactory implements Factory<Objective, DistillationObjective.Config> {

    @Override
    public String name() {
        return "diffusion-opd";
    }

    @Override
    public String description() {
        return "on-policy distillation: the policy without guidance learns from guidance, from another adapter or from more steps";
    }

    @Override
    public DistillationObjective.Config defaults() {
        return new DistillationObjective.Config(new StudentStates.Renoised(1, new Times.Uniform(0.02, 1)), null, 1);
    }

    @Override
    public Objective create(DistillationObjective.Config config, Context context) {
        return new DistillationObjective(config, context.folder());
    }
}
