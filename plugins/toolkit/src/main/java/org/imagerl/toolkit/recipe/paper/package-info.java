/**
 * What published papers add to a recipe, as a plugin and as presets: their parts stand in the packages of their kinds. Every page and class says what
 * stands for a token of a language model here, and what of a paper's claim cannot carry over.
 */
@NullMarked
package org.imagerl.toolkit.recipe.paper;

import org.jspecify.annotations.NullMarked;
