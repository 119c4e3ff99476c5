/** What the tests of several modules share about training. */
package org.imagerl.training.testing;
