package org.imagerl.cli;

import java.util.List;

/** A verb that can run out of memory. */
interface UsesMemory {

    /** What to lower, best first, a line each: the setting, what it is now, what it costs. */
    List<String> memoryAdvice();
}
