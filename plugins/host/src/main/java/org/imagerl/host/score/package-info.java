/** Pictures against rewards: for training, and over folders of pictures. */
@NullMarked
package org.imagerl.host.score;

import org.jspecify.annotations.NullMarked;
