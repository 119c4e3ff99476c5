/**
 * Contracts: what a plugin author compiles against. Interfaces and records only.
 *
 * <p>The way of the data, each arrow one record of this package:
 *
 * <pre>
 * checkpoint -&gt; {@link org.imagerl.spi.Pipeline} -&gt; {@link org.imagerl.spi.Trajectories} -&gt; {@link org.imagerl.spi.Score}
 *            -&gt; advantages -&gt; {@link org.imagerl.spi.Objective} (loss) -&gt; optimiser on {@link org.imagerl.spi.Tuning} -&gt; checkpoint
 * </pre>
 *
 * <p>Dimension letters used in every shape of the project:
 *
 * <ul>
 *   <li>{@code B} samples in a batch
 *   <li>{@code C, H, W} channels, height and width of an image in pixels
 *   <li>{@code c, h, w} channels, height and width of latents; {@code D = c h w} is the number of their elements
 *   <li>{@code T} steps of a trajectory, {@code L} tokens of a prompt, {@code E} width of an embedding
 * </ul>
 *
 * <p>Terms of the project, each with one meaning ({@code docs/glossary.md} has them all):
 *
 * <ul>
 *   <li><b>image</b>: RGB bytes that a generator makes and a reward scores; <b>latents</b>: the tensor that is sampled and decoded to an image
 *   <li><b>conditioning</b>: what the denoiser is conditioned on beside latents and time; <b>guidance</b>: classifier-free guidance
 *   <li><b>alpha-sigma coefficients</b>: alpha and sigma of {@code x_t = alpha x0 + sigma eps}; <b>noise schedule</b>: their values at all times
 *   <li><b>dynamics</b>: how a step is made of a denoiser's output; <b>transition kernel</b>: the Gaussian of one step
 *   <li><b>trajectory</b>: the latents of one image from noise to the end; <b>rollout</b>: a trajectory sampled for training, and its scores
 *   <li><b>live weights</b>: those that the optimiser changes; <b>behaviour policy</b>: the one that sampled the rollouts at hand;
 *       <b>EMA weights</b>: a moving average of the live weights; <b>reference weights</b>: those before the training
 *   <li><b>reward</b>: a function that scores images; <b>score</b>: the number that it gives one image; <b>held-out</b>: not used in training
 *   <li><b>group</b>: the rollouts of one prompt in an epoch; <b>advantage</b>: how much better a rollout is than its baseline
 *   <li><b>recipe</b>: an algorithm as a combination of <b>parts</b> (likelihood, ratio, trust region, timestep weight, penalty, advantage,
 *       selection); <b>preset</b>: a named recipe with published settings; <b>objective</b>: what is minimised
 *   <li><b>epoch</b>: rollouts, scores and the updates that use them; <b>update</b>: one step of the optimiser; <b>micro-batch</b>: samples
 *       whose gradient is computed in one pass
 *   <li><b>checkpoint folder</b>: a pretrained model on disk; <b>run checkpoint</b>: the saved state of a run
 *   <li><b>control</b>: classes of images that a checkpoint is conditioned on beside the prompt; <b>control scale gamma</b>: the exponent of
 *       the class's probability
 * </ul>
 */
@NullMarked
package org.imagerl.spi;

import org.jspecify.annotations.NullMarked;
