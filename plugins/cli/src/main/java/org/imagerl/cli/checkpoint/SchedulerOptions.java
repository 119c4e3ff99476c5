package org.imagerl.cli.checkpoint;

import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say how a step from noise to image is made. */
final class SchedulerOptions {
    private static final String DDIM = "ddim";

    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            description = "The sampler: ddim, euler, euler-a, dpmpp-2m, dpmpp-2m-karras or unipc for Stable Diffusion,"
                    + " flow-euler or flow-heun for SD3 and FLUX; or other dynamics, or settings. What the settings leave"
                    + " open is as the checkpoint's scheduler_config.json says. Default: ddim, or flow-euler")
    private @Nullable String scheduler;

    @Option(
            names = "--eta",
            paramLabel = "ETA",
            description = "Use DDIM with this share of noise per step, 0 (none) to 1")
    private @Nullable Double eta;

    @Option(
            names = "--dynamics",
            paramLabel = "DYNAMICS",
            description =
                    "The same as --scheduler, by the name that a configuration has; ddim has noise there. Default: "
                            + "ode, without noise")
    private @Nullable String dynamics;

    /** The chosen dynamics; DDIM is without noise where it is named as a scheduler. */
    BoundPart<Dynamics> bound(Registry registry) {
        if (scheduler != null && dynamics != null) {
            throw UserException.input("--scheduler and --dynamics mean the same: give one of them");
        }
        String unnamed = eta == null ? "ode" : DDIM;
        String chosen = scheduler == null ? dynamics : scheduler;
        Double noise = eta == null && DDIM.equals(scheduler) ? Double.valueOf(0) : eta;
        Overrides overrides = noise == null ? Overrides.NONE : Overrides.NONE.set("eta", noise);
        return new ConfigLoader(registry).part(Kind.DYNAMICS, chosen == null ? unnamed : chosen, overrides);
    }
}
