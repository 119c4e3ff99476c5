package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;

/** A linear layer per control, {@code heads.NAME}. */
final class Heads {
    private final Map<String, Linear> heads = new LinkedHashMap<>();

    /** @param width of what they take */
    Heads(ParameterScope root, List<Control> controls, int width) {
        controls.forEach(control ->
                heads.put(control.name(), root.at("heads." + control.name()).linear(width, control.classes())));
    }

    /** Logits by control, {@code [B, classes]}, of {@code [B, width]}. */
    Map<String, NDArray> logits(NDArray features) {
        Map<String, NDArray> logits = new LinkedHashMap<>();
        heads.forEach((control, head) -> logits.put(control, head.apply(features)));
        return logits;
    }
}
