/** What must hold of the parts of algorithms whatever the network: checked on the tiny checkpoint, with its real parts. */
package org.imagerl.tests.recipe;
