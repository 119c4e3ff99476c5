package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.hub.ConfigFile;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightViews;

/** One component of a checkpoint: its description, its weights, or the files of a tokenizer. What it does not have it refuses. */
public interface ComponentSource {

    /** Where it is, for messages. */
    String place();

    /**
     * What a description says.
     *
     * @param name {@code config.json}, or {@code scheduler_config.json}
     * @throws UserException when there is none, or it is malformed
     */
    default ConfigFile config(String name) {
        throw UserException.input(place() + ": has no " + name);
    }

    /**
     * Opens the weights, has them used, and closes them.
     *
     * @param network with its weights declared
     * @param stem the name of weight files in a folder, without ending and shard number
     * @param keys from all keys of the files of a folder to a map of each to the network's; the empty string for keys to be ignored
     * @param use what is done with them while they are open
     * @throws UserException when there are none, or they are damaged
     */
    default void weights(
            ParameterStore network,
            String stem,
            Function<Collection<String>, UnaryOperator<String>> keys,
            Consumer<WeightViews> use) {
        throw UserException.input(place() + ": has no weights");
    }

    /**
     * The folder of a tokenizer.
     *
     * @throws UserException when there is none
     */
    default Path folder() {
        throw UserException.input(place() + ": is no folder");
    }

    /**
     * A tokenizer of CLIP, for the caller to close.
     *
     * @throws UserException when there is none, or it is malformed
     */
    default ClipTokenizer clipTokenizer() {
        return ClipTokenizer.load(folder());
    }

    /**
     * Writes descriptions and tokenizer files as a folder of a checkpoint has them.
     *
     * @param target the folder of the component
     * @param weightsToo whether files of weights are copied with them, because nobody writes them anew
     */
    void copy(Path target, boolean weightsToo) throws IOException;
}
