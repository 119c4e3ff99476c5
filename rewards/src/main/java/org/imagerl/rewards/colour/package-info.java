/** Rewards that depend on colour alone, for controls whose effect a person sees at once. */
@NullMarked
package org.imagerl.rewards.colour;

import org.jspecify.annotations.NullMarked;
