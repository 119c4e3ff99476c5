/** Rewards for programs in other languages, over HTTP: what a stranger may ask for, how requests are read, scored and answered. */
@NullMarked
package org.imagerl.scoring.serve;

import org.jspecify.annotations.NullMarked;
