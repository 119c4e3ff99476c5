/** How to use imagerl as a library. */
@NullMarked
package org.imagerl.samples;

import org.jspecify.annotations.NullMarked;
