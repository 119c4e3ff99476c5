package org.imagerl.latent.pipeline;

import java.util.function.Supplier;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;

/**
 * When the weights of a network are in memory: always, or only while it is used. They are read from their files each time, so only a network
 * that nobody has changed may be freed. May be used by several threads.
 */
public final class Residence {
    private final ParameterStore network;
    private final Runnable load;
    private boolean always;
    private boolean changed;
    private boolean loaded;
    private int users;

    private Residence(ParameterStore network, Runnable load, boolean always) {
        this.network = network;
        this.load = load;
        this.always = always;
    }

    /** Loads the weights now, for good. */
    static Residence always(ParameterStore network, Runnable load) {
        Residence residence = new Residence(network, load, true);
        residence.enter();
        residence.leave();
        return residence;
    }

    /** Loads the weights whenever the network is used, and frees them afterwards. */
    static Residence whileUsed(ParameterStore network, Runnable load) {
        return new Residence(network, load, false);
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
