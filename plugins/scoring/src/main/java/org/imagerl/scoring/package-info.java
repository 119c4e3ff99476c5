/** Pictures against rewards: for training, and over folders of pictures. */
@NullMarked
package org.imagerl.scoring;

import org.jspecify.annotations.NullMarked;
