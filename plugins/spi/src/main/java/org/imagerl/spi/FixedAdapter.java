package org.imagerl.spi;

import java.util.function.Supplier;

/** A low-rank adapter that is not trained, loaded beside the weights of a pipeline and out of force until it is asked for. */
public interface FixedAdapter extends AutoCloseable {

    /** Runs the body with this adapter, for the thread that calls alone; layers that it has nothing for are as without it. */
    <T> T with(Supplier<T> body);

    /** Takes it off the pipeline. */
    @Override
    void close();
}
