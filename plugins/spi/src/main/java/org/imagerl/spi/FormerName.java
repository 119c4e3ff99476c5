package org.imagerl.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a component of a configuration record whose key was renamed: the key that it had before. Files that use the former key are read with
 * a warning that names the present one, for one version. Where several keys have moved into one section, it stands once for each. On a constant of an
 * enum it is the value that it had before.
 */
@Documented
@Repeatable(FormerName.Several.class)
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface FormerName {
    /** The former key, in snake case, or the former value, in kebab case. */
    String value();

    /** The key of the component's section at which the value is found now; empty where it is the whole component. */
    String within() default "";

    /** Several former keys of one component. */
    @Documented
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
    @interface Several {
        /** One each. */
        FormerName[] value();
    }
}
