/** Stable Diffusion 1.x, 2.x and XL in single files: which kind a file is, and the names of the UNet's weights in its own code. */
@NullMarked
package org.imagerl.diffusion.singlefile;

import org.jspecify.annotations.NullMarked;
