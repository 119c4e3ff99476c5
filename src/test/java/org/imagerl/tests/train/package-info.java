/** Whole runs on the tiny checkpoint through the host's own entry points, as the command line starts them. */
package org.imagerl.tests.train;
