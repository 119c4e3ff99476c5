package org.imagerl.toolkit.nn;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A layer that takes a low-rank adapter. */
public sealed interface Adaptable permits Linear, Conv2d {

    /** The layer's weight: {@code [out, in]} or {@code [out, in, kh, kw]}. */
    Parameter weight();

    /**
     * Puts an adapter on the layer, or takes it off with null.
     *
     * @param adapter asked in every call of the layer; null is none in this call
     */
    void adapt(@Nullable Supplier<@Nullable Adapter> adapter);
}
