/** What CTRL is compared with: guidance by a classifier while sampling, and supervised fine-tuning on labelled pictures. */
@NullMarked
package org.imagerl.ctrl.baseline;

import org.jspecify.annotations.NullMarked;
