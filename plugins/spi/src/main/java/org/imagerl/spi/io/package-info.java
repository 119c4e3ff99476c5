/**
 * Files that are there whole or not at all, and what to tell people when they are not: the one piece of running code in the contracts,
 * because every plugin that writes a file needs just this.
 */
@NullMarked
package org.imagerl.spi.io;

import org.jspecify.annotations.NullMarked;
