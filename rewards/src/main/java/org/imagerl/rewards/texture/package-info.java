/** Whether pictures have the texture of pictures that are known: a gold score to watch while another reward is trained on. */
@NullMarked
package org.imagerl.rewards.texture;

import org.jspecify.annotations.NullMarked;
