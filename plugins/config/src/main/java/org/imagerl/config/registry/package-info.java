/** Finds plugins and gives out their parts by kind and name. */
@NullMarked
package org.imagerl.config.registry;

import org.jspecify.annotations.NullMarked;
