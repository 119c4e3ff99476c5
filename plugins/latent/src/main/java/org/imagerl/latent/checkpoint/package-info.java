/**
 * What the JSON files of a diffusers checkpoint folder say of the parts that all families share: records with the defaults that diffusers
 * and transformers would use. A value that would need code which does not exist is an error here, before a weight is read.
 *
 * <p>The package knows nothing of networks: they are built from its records.
 */
@NullMarked
package org.imagerl.latent.checkpoint;

import org.jspecify.annotations.NullMarked;
