/** Low-rank adapters on the layers of a network. */
@NullMarked
package org.imagerl.toolkit.lora;

import org.jspecify.annotations.NullMarked;
