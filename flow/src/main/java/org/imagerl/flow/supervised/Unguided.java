package org.imagerl.flow.supervised;

import java.util.Map;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Trajectories;

/** The samples of a batch without guidance, which is for sampling. */
final class Unguided {
    private Unguided() {}

    static Trajectories of(Trajectories batch) {
        return new Trajectories(
                batch.kernel(),
                batch.prompts(),
                new Conditioning(batch.conditioning().positive(), Map.of()),
                batch.states(),
                batch.logDensities(),
                batch.noises());
    }
}
