/** Contracts of a training run around its algorithm: what it measures, what it remembers, and the parts that decide what an epoch consists of. */
@NullMarked
package org.imagerl.spi.run;

import org.jspecify.annotations.NullMarked;
