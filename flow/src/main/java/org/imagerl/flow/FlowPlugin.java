package org.imagerl.flow;

import java.util.List;
import org.imagerl.flow.dynamics.Cps;
import org.imagerl.flow.dynamics.DanceSde;
import org.imagerl.flow.dynamics.FlowSde;
import org.imagerl.flow.dynamics.OdeDynamics;
import org.imagerl.flow.dynamics.Window;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.toolkit.recipe.SimpleFactory;

/** Flow-matching models and the algorithms published with them. */
public final class FlowPlugin implements Plugin {
    private static final Window ALL = new Window.All();

    @Override
    public String name() {
        return "flow";
    }

    @Override
    public List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of(
                SimpleFactory.of(
                        "ode",
                        "without noise: Euler for flow checkpoints, DDIM with eta 0 for diffusion",
                        OdeDynamics::new),
                SimpleFactory.of("flow-sde", "Flow-GRPO's SDE", new FlowSde.Config(0.7, ALL, false), FlowSde::dynamics),
                SimpleFactory.of(
                        "dance-sde",
                        "DanceGRPO's SDE, constant noise",
                        new DanceSde.Config(0.3, ALL, false),
                        DanceSde::dynamics),
                SimpleFactory.of(
                        "cps",
                        "coefficients-preserving sampling, part of the noise is fresh",
                        new Cps.Config(0.8, ALL),
                        Cps::dynamics));
    }
}
