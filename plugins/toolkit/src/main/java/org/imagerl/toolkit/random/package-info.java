/** Random numbers that do not depend on what was drawn before. */
@NullMarked
package org.imagerl.toolkit.random;

import org.jspecify.annotations.NullMarked;
