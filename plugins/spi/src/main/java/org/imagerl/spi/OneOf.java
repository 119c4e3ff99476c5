package org.imagerl.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a configuration record: components that say the same in several ways, so that exactly one is given and the others are null. What
 * is given further up (an option over a file, over a preset, over {@link Factory#defaults}) takes the place of the others beneath; two
 * that are given in one place reach the constructor, which refuses them.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface OneOf {
    /** Names of the components. */
    String[] value();
}
