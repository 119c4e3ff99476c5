/** Objects that an ONNX detector finds, compared with what a prompt asks for: GenEval's tasks. */
@NullMarked
package org.imagerl.rewards.detect;

import org.jspecify.annotations.NullMarked;
