/** Stable Diffusion 3 and FLUX.1 in single files: which kind a file is, and the names of the weights in the models' own code. */
@NullMarked
package org.imagerl.flow.singlefile;

import org.jspecify.annotations.NullMarked;
