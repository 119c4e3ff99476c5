/** A PyTorch of a Python installation, looked at from outside: what it is, what it lacks, and how DJL is made to load it. Nothing is loaded. */
@NullMarked
package org.imagerl.cli.torch;

import org.jspecify.annotations.NullMarked;
