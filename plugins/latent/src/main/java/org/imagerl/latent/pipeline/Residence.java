package org.imagerl.latent.pipeline;

import ai.djl.ndarray.types.DataType;
import java.util.function.Supplier;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;

/**
 * When the weights of a network are in memory: always, or only while it is used. They are read from their files each time, so only a network
 * that nobody has changed may be freed. May be used by several threads.
 */
final class Residence {
    private final ParameterStore network;
    private final DataType type;
    private final Runnable load;
    private boolean always;
    private boolean changed;
    private boolean loaded;
    private int users;

    private Residence(ParameterStore network, DataType type, Runnable load, boolean always) {
        this.network = network;
        this.type = type;
        this.load = load;
        this.always = always;
    }

    /** Loads the weights now, for good. */
    static Residence always(ParameterStore network, DataType type, Runnable load) {
        Residence residence = new Residence(network, type, load, true);
        residence.enter();
        residence.leave();
        return residence;
    }

    /** Loads the weights whenever the network is used, and frees them afterwards. */
    static Residence whileUsed(ParameterStore network, DataType type, Runnable load) {
        return new Residence(network, type, load, false);
    }

    /** The network. */
    ParameterStore network() {
        return network;
    }

    /** Runs the body with the weights in memory. A network that is recorded for a backward pass stays there from then on. */
    <T> T use(Supplier<T> body) {
        enter();
        try {
            return body.get();
        } finally {
            leave();
        }
    }

    /** Loads the weights for good, because they are about to be changed or trained. */
    synchronized void change() {
        always = true;
        changed = true;
        enter();
        leave();
    }

    /** Whether the weights are not those of the files any more. */
    synchronized boolean changed() {
        return changed;
    }

    /** Bytes of the weights as they are read from the files. */
    long bytes() {
        return network.elements() * type.getNumOfBytes();
    }

    private synchronized void enter() {
        if (!loaded) {
            Gradients.off(() -> {
                load.run();
                return network;
            });
            loaded = true;
        }
        always |= Gradients.recording();
        users++;
    }

    private synchronized void leave() {
        users--;
        if (users == 0 && !always) {
            network.free();
            loaded = false;
        }
    }
}
