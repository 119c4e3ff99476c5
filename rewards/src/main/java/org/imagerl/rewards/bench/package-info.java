/** Speed of reward models, measured on models of random weights that are written for it. */
@NullMarked
package org.imagerl.rewards.bench;

import org.jspecify.annotations.NullMarked;
