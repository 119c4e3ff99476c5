/** What all servers of this program share: bounded connections, and who may ask. */
@NullMarked
package org.imagerl.scoring.http;

import org.jspecify.annotations.NullMarked;
