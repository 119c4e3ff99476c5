/**
 * Studies: the same question asked of several configurations over several seeds, with tables and curves of the answers. One command runs a study,
 * and goes on with it run by run.
 */
@NullMarked
package org.imagerl.training.study;

import org.jspecify.annotations.NullMarked;
