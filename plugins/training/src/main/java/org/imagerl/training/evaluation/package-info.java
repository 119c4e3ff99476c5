/** What an evaluation of a run found, for people and for other programs. */
@NullMarked
package org.imagerl.training.evaluation;

import org.jspecify.annotations.NullMarked;
