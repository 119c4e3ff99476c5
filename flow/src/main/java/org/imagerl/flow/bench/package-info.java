/** Speed and memory of the transformers at the sizes of published checkpoints, with random weights, against bare kernels. */
@NullMarked
package org.imagerl.flow.bench;

import org.jspecify.annotations.NullMarked;
