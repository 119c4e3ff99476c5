/** Rewards of other processes, reached over HTTP. */
@NullMarked
package org.imagerl.rewards.remote;

import org.jspecify.annotations.NullMarked;
