/** What the tests of this module share. */
package org.imagerl.latent.testing;
