package org.imagerl.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Bounds of a number (of every number in a list): checked when a file is read, and shown in the schema. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
    /** Lowest value. */
    double min() default Double.NEGATIVE_INFINITY;

    /** Highest value. */
    double max() default Double.POSITIVE_INFINITY;

    /** Whether {@link #min} itself is too low. */
    boolean above() default false;

    /** Whether {@link #max} itself is too high. */
    boolean below() default false;
}
