/**
 * Layers over NDArray. A {@link org.imagerl.toolkit.nn.ParameterStore} is the list of a component's weights by checkpoint key; its
 * layers are declared at a {@link org.imagerl.toolkit.nn.ParameterScope} of the key tree, so that a weight's key tells where it is used.
 */
@NullMarked
package org.imagerl.toolkit.nn;

import org.jspecify.annotations.NullMarked;
