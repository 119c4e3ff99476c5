package org.imagerl.flow.singlefile;

import java.util.Optional;
import java.util.function.Function;
import org.imagerl.latent.source.ComponentFormat;
import org.imagerl.toolkit.lora.files.JointNames;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/**
 * The transformer of a family in a single file, with the names of the model's own code.
 *
 * @param mark a tensor that the family alone has
 * @param names of the layers
 * @param config what follows from the shapes of the tensors
 */
record JointFormat(String mark, JointNames names, Function<TensorGroup, ObjectNode> config) implements ComponentFormat {
    private static final String[] PREFIXES = {"model.diffusion_model.", ""};

    /** The tensors of the transformer, if the file has one of the family. */
    Optional<TensorGroup> group(SafetensorsFile file) {
        return TensorGroup.with(file, mark, PREFIXES);
    }

    @Override
    public Optional<Found> find(SafetensorsFile file) {
        return group(file).map(group -> new Found(group.prefix(), layout(), config.apply(group)));
    }

    @Override
    public String prefix() {
        return PREFIXES[0];
    }

    @Override
    public OriginalLayout.Maker layout() {
        return declared -> new JointKeys(names, declared);
    }
}
