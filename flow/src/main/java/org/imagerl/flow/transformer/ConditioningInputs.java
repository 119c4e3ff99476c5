package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** Names of the conditioning of the transformers: those of diffusers' arguments. */
public final class ConditioningInputs {
    /** Floating point {@code [B, m, J]}: the text's tokens. */
    public static final String TEXT = "encoder_hidden_states";

    /** Floating point {@code [B, P]}: the text in one vector. */
    public static final String POOLED = "pooled_projections";

    /** Float32 {@code [B]}: the guidance scale, for models distilled from guidance. */
    public static final String GUIDANCE = "guidance";

    private ConditioningInputs() {}

    /** The tensor of that name, which must be there; any shape with the batch first: see the names above. */
    public static NDArray required(Map<String, NDArray> conditioning, String name) {
        NDArray tensor = conditioning.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the transformer needs the conditioning " + name + ", given: "
                    + conditioning.keySet().stream().sorted().toList());
        }
        return tensor;
    }
}
