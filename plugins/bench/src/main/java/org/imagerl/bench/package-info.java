/** Benchmarks of the method modules; no method module depends on this one. */
@NullMarked
package org.imagerl.bench;

import org.jspecify.annotations.NullMarked;
