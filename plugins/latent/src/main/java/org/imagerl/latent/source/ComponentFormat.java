package org.imagerl.latent.source;

import java.util.Optional;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/** How a component is written in a single file, by itself or with others. */
public interface ComponentFormat {

    /**
     * A component in a file.
     *
     * @param prefix of the names of its tensors
     * @param layout where its weights are
     * @param config its description as diffusers or transformers would write it, as far as it follows from shapes
     */
    record Found(String prefix, OriginalLayout.Maker layout, ObjectNode config) {}

    /**
     * Looks for the component; reads no weights.
     *
     * @return empty if the file has none
     * @throws org.imagerl.spi.UserException if its shapes make no sense
     */
    Optional<Found> find(SafetensorsFile file);

    /** The prefix that it has in a whole checkpoint. */
    String prefix();

    /** The layout that it has in a whole checkpoint. */
    OriginalLayout.Maker layout();
}
