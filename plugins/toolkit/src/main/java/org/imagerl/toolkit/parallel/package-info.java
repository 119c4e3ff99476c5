/**
 * Several replicas of a network that compute at the same time, one thread each, for networks that are too small to keep several cores busy
 * with one batch.
 */
@NullMarked
package org.imagerl.toolkit.parallel;

import org.jspecify.annotations.NullMarked;
