package org.imagerl.toolkit.nn;

import org.jspecify.annotations.Nullable;

/** A layer that takes a low-rank adapter. */
public sealed interface Adaptable permits Linear, Conv2d {

    /** The layer's weight: {@code [out, in]} or {@code [out, in, kh, kw]}. */
    Parameter weight();

    /** Puts an adapter on the layer, or takes it off with null. */
    void adapt(@Nullable Adapter adapter);
}
