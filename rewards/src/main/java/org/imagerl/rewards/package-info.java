/**
 * The plugin of the built-in rewards. Each kind has its package; {@code onnx} is what models run on, {@code work} how images are
 * spread over threads. Nothing here sees PyTorch: images come in as bytes.
 */
@NullMarked
package org.imagerl.rewards;

import org.jspecify.annotations.NullMarked;
