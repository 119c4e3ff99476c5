package org.imagerl.flow.supervised;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;

/** The samples of a batch without guidance, which is for sampling. */
final class Unguided {
    private Unguided() {}

    static Trajectories of(Trajectories batch) {
        return with(batch, batch.prompts(), batch.conditioning());
    }

    /** The same with other prompts. */
    static Trajectories of(Policy policy, Trajectories batch, List<Prompt> prompts) {
        return prompts.equals(batch.prompts()) ? of(batch) : with(batch, prompts, policy.encode(prompts));
    }

    private static Trajectories with(Trajectories batch, List<Prompt> prompts, Conditioning conditioning) {
        return new Trajectories(
                batch.kernel(),
                prompts,
                new Conditioning(conditioning.positive(), Map.of()),
                batch.states(),
                batch.logDensities(),
                batch.noises());
    }
}
