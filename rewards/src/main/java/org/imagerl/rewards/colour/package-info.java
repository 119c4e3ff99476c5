/** Rewards of plain colour, for controls whose result a person sees at once. */
@NullMarked
package org.imagerl.rewards.colour;

import org.jspecify.annotations.NullMarked;
