/** What a process of imagerl sends and leaves behind: nothing. */
package org.imagerl.tests.privacy;
