package org.imagerl.latent.pipeline;

import java.util.List;
import org.imagerl.spi.Tuning;
import org.imagerl.toolkit.nn.Network;

/** A tuning that knows which networks it is on. */
interface PipelineTuning extends Tuning {

    /** Whether one of these networks is trained. */
    boolean tunes(List<Network> networks);
}
