/** Runs that executors of Apache Spark compute. Spark itself comes with the cluster, and not with imagerl. */
@NullMarked
package org.imagerl.spark;

import org.jspecify.annotations.NullMarked;
