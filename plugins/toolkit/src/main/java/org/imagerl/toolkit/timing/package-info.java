/** Times and memory of work, for benchmarks. */
@NullMarked
package org.imagerl.toolkit.timing;

import org.jspecify.annotations.NullMarked;
