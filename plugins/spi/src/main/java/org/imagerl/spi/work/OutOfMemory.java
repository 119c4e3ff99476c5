package org.imagerl.spi.work;

import ai.djl.engine.EngineException;
import java.util.List;
import java.util.Locale;

/** Whether memory ran out, of the machine or of a GPU: native libraries have no exception of their own for it. */
public final class OutOfMemory {
    /** PyTorch on CPU and CUDA, ONNX Runtime, and the C++ library beneath them. */
    private static final List<String> MESSAGES = List.of(
            "you tried to allocate",
            "out of memory",
            "failed to allocate memory",
            "bad_alloc",
            "cublas_status_alloc_failed",
            "cannot reserve", // Java's direct buffers
            "java heap space");

    private OutOfMemory() {}

    /** Whether a failure says so itself. */
    public static boolean is(Throwable failure) {
        boolean engine = failure instanceof EngineException
                || failure.getClass().getName().startsWith("ai.onnxruntime.");
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return failure instanceof OutOfMemoryError
                || (engine && MESSAGES.stream().anyMatch(message::contains));
    }

    /** Whether a failure, or one that it was caused by, says so. */
    public static boolean isBehind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (is(cause)) {
                return true;
            }
        }
        return false;
    }
}
