package org.imagerl.toolkit.tensor;

import ai.djl.engine.Engine;

/** The door to PyTorch: everything that may be the first to load its libraries asks here. */
public final class TorchEngine {
    static {
        NativeSettings.apply(); // the libraries read them once, as they are loaded
    }

    private TorchEngine() {}

    /** DJL's engine on PyTorch. The first call loads the native libraries, which takes about a second. */
    public static Engine get() {
        return Engine.getEngine("PyTorch");
    }
}
