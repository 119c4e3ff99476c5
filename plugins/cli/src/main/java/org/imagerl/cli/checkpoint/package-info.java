/** The verbs for checkpoints and LoRA files; loaded only where the modules of training are. */
@NullMarked
package org.imagerl.cli.checkpoint;

import org.jspecify.annotations.NullMarked;
