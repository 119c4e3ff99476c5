/** Networks beside each other, a thread each: for those that are too small to keep several cores busy with one batch. */
@NullMarked
package org.imagerl.toolkit.parallel;

import org.jspecify.annotations.NullMarked;
