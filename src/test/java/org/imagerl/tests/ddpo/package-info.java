/** What must hold of DDPO whatever the network: checked on the tiny checkpoint, with its real parts. */
package org.imagerl.tests.ddpo;
