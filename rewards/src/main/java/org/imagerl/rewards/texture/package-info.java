/** Whether images have the texture of reference images: a reward to watch while another one is trained on. */
@NullMarked
package org.imagerl.rewards.texture;

import org.jspecify.annotations.NullMarked;
