/**
 * Configurations: strict YAML to records and back, whatever the records are.
 *
 * <p>The way: text -&gt; {@link org.imagerl.config.Node} tree that knows where each value is from -&gt; merged over other trees
 * -&gt; a record or a part of a plugin. Problems of all steps are collected.
 */
@NullMarked
package org.imagerl.config;

import org.jspecify.annotations.NullMarked;
