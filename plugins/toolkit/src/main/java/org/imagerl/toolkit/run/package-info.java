/** The general parts of a run around its algorithm: which prompts an epoch has, and how many samples each. */
@NullMarked
package org.imagerl.toolkit.run;

import org.jspecify.annotations.NullMarked;
