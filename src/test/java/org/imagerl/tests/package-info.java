/** Tests across modules: who may import whom, invariants of the algorithms, whole runs, resuming, bad input. */
package org.imagerl.tests;
