/** What a console needs: progress, interruption, errors, exit codes. */
@NullMarked
package org.imagerl.cli.console;

import org.jspecify.annotations.NullMarked;
