package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Supplier;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** Whether a forward pass, recorded and back-propagated or not, leaves as many live native arrays as it found. */
public final class LeakCheck {

    private LeakCheck() {}

    /**
     * Runs the pass without and with a recording.
     *
     * @param weights owner of the network's weights alone: nothing may be attached to it by a call
     * @param manager owner of the activations
     * @param forward to a scalar
     */
    public static void requireNothingLeft(
            NDManager weights, NDManager manager, ParameterStore network, Supplier<NDArray> forward) {
        network.trainable().forEach(parameter -> parameter.value().setRequiresGradient(true));
        int weightsBefore = weights.getManagedArrays().size();
        int before = manager.getManagedArrays().size();
        Scope.run(() -> Gradients.off(forward));
        assertThat(manager.getManagedArrays()).as("forward").hasSize(before);
        Scope.run(() -> Gradients.record(recording -> {
            NDArray sum = forward.get();
            recording.backward(sum);
            return sum;
        }));
        assertThat(manager.getManagedArrays()).as("forward and backward").hasSize(before);
        assertThat(weights.getManagedArrays()).as("weights").hasSize(weightsBefore);
    }
}
