/** Checkpoints of all families through DJL. */
package org.imagerl.tests.djl;
