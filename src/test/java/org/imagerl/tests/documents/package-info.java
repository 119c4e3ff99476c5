/** What the documents quote (commands, configurations, messages, Java) is what the program takes and says. */
@NullMarked
package org.imagerl.tests.documents;

import org.jspecify.annotations.NullMarked;
