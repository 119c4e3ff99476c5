/** Jobs on Apache Spark, whatever they compute: what runs them, what is said of their failures, and where their tasks are. */
@NullMarked
package org.imagerl.spark.job;

import org.jspecify.annotations.NullMarked;
