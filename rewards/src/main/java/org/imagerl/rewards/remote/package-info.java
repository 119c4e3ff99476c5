/** Scorers in other processes, asked over HTTP. */
@NullMarked
package org.imagerl.rewards.remote;

import org.jspecify.annotations.NullMarked;
