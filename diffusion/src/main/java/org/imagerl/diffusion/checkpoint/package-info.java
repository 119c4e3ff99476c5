/**
 * What the JSON file of a UNet says: records with the defaults that diffusers and transformers
 * would use. A value that would need code which does not exist is an error here, before a weight is read.
 *
 * <p>The package knows nothing of networks: they are built from its records.
 */
@NullMarked
package org.imagerl.diffusion.checkpoint;

import org.jspecify.annotations.NullMarked;
