package org.imagerl.spi;

import java.nio.file.Path;

/** Makes a checkpoint from nothing. */
public interface Pretraining {

    /**
     * Runs to the end, saving its state every so often; called again on the same folder it goes on where it stopped.
     *
     * @param folder where the checkpoint, the state and the images on the way go
     */
    void run(Path folder, Progress progress);
}
