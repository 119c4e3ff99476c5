/** Stable-Diffusion-style models and DDPO: the plugin, and a package per idea below. */
@NullMarked
package org.imagerl.diffusion;

import org.jspecify.annotations.NullMarked;
