/**
 * The little running code beside the contracts, because every module needs just this: files that are there whole or not at all, files
 * and folders of users and strangers read within bounds, what to
 * tell people when they are not, and the name that was probably meant.
 */
@NullMarked
package org.imagerl.spi.io;

import org.jspecify.annotations.NullMarked;
