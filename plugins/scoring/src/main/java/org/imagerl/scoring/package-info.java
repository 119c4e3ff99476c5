/** Images against rewards: for training, and over folders of images. */
@NullMarked
package org.imagerl.scoring;

import org.jspecify.annotations.NullMarked;
