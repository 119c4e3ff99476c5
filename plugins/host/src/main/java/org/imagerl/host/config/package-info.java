/**
 * The configuration of a run: strict YAML to records and back.
 *
 * <p>The way: text -&gt; {@code Node} tree that knows where each value is from -&gt; merged over presets and
 * {@code defaults.yaml} -&gt; {@link org.imagerl.host.config.RunConfig} -&gt; rules across keys. Problems of all steps are collected.
 */
@NullMarked
package org.imagerl.host.config;

import org.jspecify.annotations.NullMarked;
