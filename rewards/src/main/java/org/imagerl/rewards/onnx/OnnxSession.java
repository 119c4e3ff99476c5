package org.imagerl.rewards.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.imagerl.spi.UserException;

/** A loaded ONNX model of one input and one output, both float32. Thread-safe: any number of threads may run it at once. */
public final class OnnxSession implements AutoCloseable {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final String inputName;
    private final AtomicBoolean closed = new AtomicBoolean();

    private OnnxSession(OrtEnvironment environment, OrtSession session) {
        this.environment = environment;
        this.session = session;
        this.inputName = session.getInputNames().iterator().next();
    }

    /** A float32 tensor, row-major. */
    public record Tensor(float[] values, long[] shape) {}

    /**
     * Loads a model.
     *
     * @param name what to call it in errors
     * @param model the content of an .onnx file
     * @param threads that one run may use
     * @throws UserException if it is no model that ONNX Runtime can run on this device
     */
    public static OnnxSession load(String name, byte[] model, OnnxDevice device, int threads) {
        try (OrtSession.SessionOptions options = device.options(threads)) {
            OrtEnvironment environment = environment();
            return new OnnxSession(environment, environment.createSession(model, options));
        } catch (OrtException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, "ONNX Runtime cannot load " + name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Runs the model.
     *
     * @throws OrtException if the input does not fit the model, or the device fails
     */
    public Tensor run(Tensor input) throws OrtException {
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.values), input.shape);
                OrtSession.Result result = session.run(Map.of(inputName, tensor))) {
            OnnxTensor output = (OnnxTensor) result.get(0);
            return new Tensor(output.getFloatBuffer().array(), output.getInfo().getShape());
        }
    }

    /** Frees native memory; may be called again. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime did not close a session", e);
            }
        }
    }

    /** The one environment of the process; what it cannot do it says by exceptions, so it need not write to stderr. */
    private static OrtEnvironment environment() throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "imagerl");
        environment.setTelemetry(false);
        return environment;
    }
}
