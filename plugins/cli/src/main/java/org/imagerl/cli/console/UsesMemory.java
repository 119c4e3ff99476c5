package org.imagerl.cli.console;

import java.util.List;

/** A verb that can run out of memory. */
public interface UsesMemory {

    /** The settings to lower, the best first, a line each: the setting, what it is now, what it costs. */
    List<String> memoryAdvice();
}
