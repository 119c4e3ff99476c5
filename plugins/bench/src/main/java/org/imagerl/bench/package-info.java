/** Benchmarks of the method modules, which know nothing of them. */
@NullMarked
package org.imagerl.bench;

import org.jspecify.annotations.NullMarked;
