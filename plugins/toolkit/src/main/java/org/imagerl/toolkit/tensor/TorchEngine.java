package org.imagerl.toolkit.tensor;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import org.imagerl.spi.work.DaemonThreads;
import org.imagerl.spi.work.NativeWork;

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

    /** The threads that a kernel is divided among, where the calling thread has no other number. */
    public static int threads() {
        get(); // loads the library that is asked
        return JniUtils.getNumThreads();
    }

    /**
     * Begins to load the native libraries and the kernels on a thread of its own, for a program that needs them soon
     * and has other work until then. Other threads that ask for them meanwhile wait for that thread. If they cannot be
     * loaded nothing is reported here: code that asks for them tries again, and gets the exception.
     */
    public static void begin() {
        DaemonThreads.named("engine").newThread(TorchEngine::load).start();
    }

    private static void load() {
        NativeWork loading = NativeWork.begin(() -> {});
        try {
            get();
            KernelModule.ready();
        } catch (RuntimeException | LinkageError e) {
            System.getLogger(TorchEngine.class.getName())
                    .log(System.Logger.Level.DEBUG, "PyTorch could not be loaded beforehand", e);
        } finally {
            loading.returned();
        }
    }
}
