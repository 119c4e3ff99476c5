/** Images per second of the built-in rewards, as shares of what their models alone take. */
@NullMarked
package org.imagerl.bench.reward;

import org.jspecify.annotations.NullMarked;
