/**
 * The scaffolding of a pipeline on a checkpoint folder in the diffusers layout: a family brings its denoiser, its prompt encoder and its
 * schedule; loading, tuning, LoRA files and saving are here.
 */
@NullMarked
package org.imagerl.latent.pipeline;

import org.jspecify.annotations.NullMarked;
