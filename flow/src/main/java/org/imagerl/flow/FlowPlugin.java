package org.imagerl.flow;

import org.imagerl.spi.Plugin;

/** Flow-matching models and the algorithms published with them. */
public final class FlowPlugin implements Plugin {

    @Override
    public String name() {
        return "flow";
    }
}
