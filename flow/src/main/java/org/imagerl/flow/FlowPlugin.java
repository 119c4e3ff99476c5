package org.imagerl.flow;

import java.util.List;
import org.imagerl.flow.dynamics.OdeDynamics;
import org.imagerl.flow.pipeline.FluxFactory;
import org.imagerl.flow.pipeline.StableDiffusion3Factory;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Factory;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Plugin;
import org.imagerl.toolkit.recipe.SimpleFactory;

/** Flow-matching models and the algorithms published with them. */
public final class FlowPlugin implements Plugin {

    @Override
    public String name() {
        return "flow";
    }

    @Override
    public List<PipelineFactory> pipelines() {
        return List.of(new StableDiffusion3Factory(), new FluxFactory());
    }

    @Override
    public List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of(SimpleFactory.of(
                "ode", "without noise: Euler for flow checkpoints, DDIM with eta 0 for diffusion", OdeDynamics::new));
    }
}
