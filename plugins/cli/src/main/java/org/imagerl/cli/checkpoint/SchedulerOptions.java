package org.imagerl.cli.checkpoint;

import java.util.Objects;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say how a step from noise to image is made. */
final class SchedulerOptions {
    private static final String DDIM = "ddim";

    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            description = "The sampler: ddim, euler, euler-a, dpmpp-2m, dpmpp-2m-karras or unipc for Stable Diffusion,"
                    + " flow-euler or flow-heun for SD3 and FLUX; or a class of diffusers that samples as one of them,"
                    + " such as EulerDiscreteScheduler; or other dynamics, or settings. What the settings leave"
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
        String option = dynamics == null ? "--scheduler" : "--dynamics";
        String unnamed = eta == null ? "ode" : DDIM;
        String chosen = Objects.requireNonNullElse(scheduler == null ? dynamics : scheduler, unnamed);
        ConfigLoader loader = new ConfigLoader(registry);
        BoundPart<Dynamics> asNamed = loader.option(Kind.DYNAMICS, option, chosen, Overrides.NONE);
        boolean ddim = asNamed.type().equals(DDIM);
        if (eta != null && !ddim) {
            throw UserException.input("--eta is the share of noise of DDIM, and " + option + " "
                    + Quote.unquoted(chosen) + " is not DDIM; leave --eta out, or take --scheduler ddim");
        }
        boolean silent = eta == null && ddim && (DDIM.equals(scheduler) || isClass(asNamed, scheduler));
        Double noise = silent ? Double.valueOf(0) : eta;
        return noise == null
                ? asNamed
                : loader.option(Kind.DYNAMICS, option, chosen, Overrides.NONE.set("eta", noise, "--eta " + noise));
    }

    private static boolean isClass(BoundPart<Dynamics> part, @Nullable String name) {
        return name != null && part.factory().otherNames().contains(name);
    }
}
