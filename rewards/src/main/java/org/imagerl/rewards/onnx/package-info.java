/** ONNX Runtime: choosing a device and running a model. */
@NullMarked
package org.imagerl.rewards.onnx;

import org.jspecify.annotations.NullMarked;
