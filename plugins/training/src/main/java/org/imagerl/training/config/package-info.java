/**
 * The configuration of a training run: {@code defaults.yaml}, presets, a file and options, bound to
 * {@link org.imagerl.training.config.RunConfig} and checked across keys.
 */
@NullMarked
package org.imagerl.training.config;

import org.jspecify.annotations.NullMarked;
