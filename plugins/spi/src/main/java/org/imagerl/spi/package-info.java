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
 *   <li>{@code C, H, W} channels, height and width of a picture in pixels
 *   <li>{@code c, h, w} channels, height and width of a latent; {@code D = c h w} its number of elements
 *   <li>{@code T} steps of a trajectory, {@code L} tokens of a prompt, {@code E} width of an embedding
 * </ul>
 */
@NullMarked
package org.imagerl.spi;

import org.jspecify.annotations.NullMarked;
