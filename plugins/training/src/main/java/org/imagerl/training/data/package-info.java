/** Data sources of the formats on board: tables of demonstrations and of preference pairs. */
@NullMarked
package org.imagerl.training.data;

import org.jspecify.annotations.NullMarked;
