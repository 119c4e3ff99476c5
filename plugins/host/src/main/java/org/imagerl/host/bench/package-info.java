/** How long the stages of a configured run take. */
@NullMarked
package org.imagerl.host.bench;

import org.jspecify.annotations.NullMarked;
