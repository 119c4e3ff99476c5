/**
 * Tensors on DJL's PyTorch engine: what the engine lacks ({@link org.imagerl.toolkit.tensor.Kernels}), gradients in one
 * place ({@link org.imagerl.toolkit.tensor.Gradients}), and memory that is freed block by block
 * ({@link org.imagerl.toolkit.tensor.Scope}).
 *
 * <p>Three rules keep gradients right and memory flat: never {@code op(Number)} on a recorded graph (use {@link
 * org.imagerl.toolkit.tensor.Kernels#scale}); the activation is always the first operand; code that opens an NDManager
 * closes it.
 */
@NullMarked
package org.imagerl.toolkit.tensor;

import org.jspecify.annotations.NullMarked;
