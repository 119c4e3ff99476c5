package org.imagerl.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A whole number that the program can choose itself: {@code auto} in a file is {@link #VALUE}, which its range need not
 * hold.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Auto {
    /** What is bound where the file says {@link #WORD}. */
    int VALUE = 0;

    /** As it stands in a file. */
    String WORD = "auto";
}
