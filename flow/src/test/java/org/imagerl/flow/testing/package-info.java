/** What the tests of this module share. */
package org.imagerl.flow.testing;
