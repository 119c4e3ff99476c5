/** The stopwatch of all benchmarks, and how they compare what two kinds of work take. */
@NullMarked
package org.imagerl.bench.timing;

import org.jspecify.annotations.NullMarked;
