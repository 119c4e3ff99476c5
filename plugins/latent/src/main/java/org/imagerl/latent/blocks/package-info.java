/** Convolutional blocks that U-Nets and autoencoders share; the names of their weights are those of the checkpoint format. */
@NullMarked
package org.imagerl.latent.blocks;

import org.jspecify.annotations.NullMarked;
