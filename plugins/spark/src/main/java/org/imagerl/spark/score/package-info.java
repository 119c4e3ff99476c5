/** Scoring runs whose images executors of Apache Spark score: what they read, and where the rows come together again. */
@NullMarked
package org.imagerl.spark.score;

import org.jspecify.annotations.NullMarked;
