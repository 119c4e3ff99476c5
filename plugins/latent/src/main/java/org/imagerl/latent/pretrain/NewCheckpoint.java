package org.imagerl.latent.pretrain;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.spi.Schedule;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;

/** What differs between the families of checkpoints that are made from nothing. */
public interface NewCheckpoint {

    /** The folder of the denoiser: {@code unet}, {@code transformer}. */
    String denoiser();

    /** Writes all description files but those of the autoencoder. */
    void describe(Path folder);

    /** Declares and fills the networks. */
    PipelineParts parts(OpenCheckpoint folder);

    /** Fills a network that was not trained yet, float32. */
    default void initialise(ParameterStore network, NDManager manager, RandomStreams random) {
        NetworkWeights.initialise(network, manager, random);
    }

    /** Draws a time of training, in the denoiser's unit. */
    double timestep(Schedule schedule, SplittableRandom random);
}
