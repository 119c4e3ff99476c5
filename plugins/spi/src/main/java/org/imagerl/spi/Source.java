package org.imagerl.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a configuration record: the key that says what the part is made from, a folder or an address. On a command line
 * {@code NAME=VALUE} is then short for {@code {type: NAME, KEY: VALUE}}.
 *
 * <p>A folder may have a manifest, YAML or JSON with the keys of the record: its settings lie beneath those of
 * {@link Factory#defaults}, which lie beneath what is given. So the defaults of such a factory are only what it insists on.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Source {
    /** The key: the name of a component of text. */
    String value();

    /** Names of manifests; the first that exists in the folder is read. None: the value is no folder with a manifest. */
    String[] manifest() default {};
}
