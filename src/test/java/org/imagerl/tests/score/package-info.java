/** Scoring across modules. */
@NullMarked
package org.imagerl.tests.score;

import org.jspecify.annotations.NullMarked;
