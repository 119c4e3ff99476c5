/** DDIM as a chain of Gaussian transitions: sampling with it, and its density. */
@NullMarked
package org.imagerl.diffusion.ddim;

import org.jspecify.annotations.NullMarked;
