/**
 * The text encoder of Stable Diffusion, transformers' {@code CLIPTextModel}, with and without projection. Weight names are those
 * of the checkpoint.
 */
@NullMarked
package org.imagerl.latent.clip;

import org.jspecify.annotations.NullMarked;
