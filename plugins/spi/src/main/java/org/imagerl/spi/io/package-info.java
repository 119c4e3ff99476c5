/**
 * The only code beside the contracts, because every module needs it: files that are written completely or not at all, files and folders of
 * users and strangers that are read within bounds, messages for users, and suggestions for a name that was misspelt.
 */
@NullMarked
package org.imagerl.spi.io;

import org.jspecify.annotations.NullMarked;
