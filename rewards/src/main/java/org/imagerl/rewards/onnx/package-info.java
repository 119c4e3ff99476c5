/** ONNX Runtime: choosing a device, running a model, writing a graph. */
@NullMarked
package org.imagerl.rewards.onnx;

import org.jspecify.annotations.NullMarked;
