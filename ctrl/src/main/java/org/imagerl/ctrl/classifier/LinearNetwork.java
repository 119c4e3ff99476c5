package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.toolkit.nn.ParameterStore;

/** Linear layers on the vectors of a frozen model. */
final class LinearNetwork implements ClassifierNetwork {
    private final Heads heads;

    LinearNetwork(ParameterStore network, List<Control> controls, int width) {
        heads = new Heads(network.root(), controls, width);
    }

    @Override
    public Map<String, NDArray> logits(NDArray seen) {
        return heads.logits(seen);
    }
}
