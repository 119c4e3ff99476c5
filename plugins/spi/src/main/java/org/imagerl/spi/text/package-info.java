/** Text of strangers, made fit for messages; what everything else here may use. */
@NullMarked
package org.imagerl.spi.text;

import org.jspecify.annotations.NullMarked;
