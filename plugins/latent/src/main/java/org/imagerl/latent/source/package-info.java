/**
 * Where the components of a checkpoint come from: a folder as diffusers writes it, a single file in the layout of the model's own code, or
 * files and folders that the user names for one component each. Loaders ask for the description, the weights and the
 * tokenizer of a component by its name, and do not know which it is.
 */
@NullMarked
package org.imagerl.latent.source;

import org.jspecify.annotations.NullMarked;
