/** Parquet tables, read and written by DuckDB. */
@NullMarked
package org.imagerl.parquet;

import org.jspecify.annotations.NullMarked;
