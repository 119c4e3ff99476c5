package org.imagerl.rewards.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.work.NativeWork;
import org.imagerl.spi.work.TimeLimit;

/**
 * A loaded ONNX model. Thread-safe: any number of threads may run it at once. A model that is loaded again while it is open is not
 * loaded twice: rewards that use the same file on the same device share its weights.
 */
public final class OnnxSession implements AutoCloseable {
    private static final Map<Key, Shared> OPEN = new HashMap<>();

    private final Key key;
    private final Shared shared;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** What makes two sessions the same. */
    private record Key(String model, OnnxDevice device, int threads) {}

    /** A model and how many use it; guarded by {@link #OPEN}. */
    private static final class Shared {
        private final LoadedModel model;
        private int users;

        Shared(LoadedModel model) {
            this.model = model;
        }
    }

    private interface Creation {
        OrtSession create(OrtEnvironment environment, SessionOptions options) throws OrtException;
    }

    private OnnxSession(Key key, Shared shared) {
        this.key = key;
        this.shared = shared;
    }

    /**
     * Loads a model.
     *
     * @param name what to call it in errors; models of one name are the same model
     * @param model the content of an .onnx file
     * @param threads that one run may use
     * @throws UserException if it is no model that ONNX Runtime can run on this device
     */
    public static OnnxSession load(String name, byte[] model, OnnxDevice device, int threads) {
        Key key = new Key(name, device, threads);
        try {
            return open(key, (environment, options) -> environment.createSession(model, options));
        } catch (OrtException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "ONNX Runtime cannot load " + name + ": " + OnnxDevice.oneLine(e),
                    e);
        }
    }

    /**
     * Loads a model file; weights in files beside it are found.
     *
     * @param threads that one run may use
     * @throws UserException if it is missing, no ONNX model, lacks a file of weights or cannot run on this device
     */
    public static OnnxSession load(Path file, OnnxDevice device, int threads) {
        Key key = new Key(identity(file), device, threads);
        try {
            return open(key, (environment, options) -> environment.createSession(file.toString(), options));
        } catch (OrtException e) {
            throw UserException.input(file + ": cannot be loaded: " + OnnxDevice.oneLine(e) + remedy(e), e);
        }
    }

    private static String remedy(OrtException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("xternal data") || message.contains("external initializer")) {
            return message.contains("escapes") || message.contains("Absolute path")
                    ? "; weights are read from the folder of the model only: put the file there itself, no link to it"
                    : "; its weights are in a file of their own (for instance model.onnx_data), which must lie beside"
                            + " it under the name that it was exported with";
        }
        if (message.contains("opset")) {
            return "; export it with an older operator set: optimum-cli export onnx --opset 17";
        }
        if (message.contains("Invalid ONNXType")) {
            return "; an input or output is optional or sparse, which is not read: export it with tensors only";
        }
        boolean damaged = message.contains("rotobuf") || message.contains("ModelProto");
        return damaged ? "; the file is damaged or no ONNX model: copy or export it again" : "";
    }

    /** The same for a file that has not changed, however it is named. */
    private static String identity(Path file) {
        try {
            return file.toRealPath() + "|" + Files.size(file) + "|" + Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private static OnnxSession open(Key key, Creation creation) throws OrtException {
        synchronized (OPEN) {
            Shared shared = OPEN.get(key);
            if (shared == null) {
                try (SessionOptions options = key.device.options(key.threads)) {
                    shared = new Shared(created(creation, options));
                }
                OPEN.put(key, shared);
            }
            shared.users++;
            return new OnnxSession(key, shared);
        }
    }

    private static LoadedModel created(Creation creation, SessionOptions options) throws OrtException {
        OrtEnvironment environment = OnnxDevice.environment();
        NativeWork loading = NativeWork.begin(() -> {});
        try {
            return looked(creation.create(environment, options));
        } finally {
            loading.returned();
        }
    }

    /** Looks at the inputs and outputs; a session that has others than can be read is freed at once. */
    private static LoadedModel looked(OrtSession session) throws OrtException {
        try {
            return new LoadedModel(session);
        } catch (OrtException e) {
            session.close();
            throw e;
        }
    }

    /** How many models are loaded at present. */
    static int loaded() {
        synchronized (OPEN) {
            return OPEN.size();
        }
    }

    /** The inputs, in the order of the model. */
    public List<TensorSpec> inputs() {
        return shared.model.inputs();
    }

    /** The outputs, in the order of the model. */
    public List<TensorSpec> outputs() {
        return shared.model.outputs();
    }

    /** What the program that exported the model wrote into it, by its own keys; texts of strangers. */
    public Map<String, String> metadata() {
        return shared.model.metadata();
    }

    /**
     * Runs a model of one input, for its first output.
     *
     * @throws OrtException if the input does not fit the model, or the device fails
     */
    public Tensor run(Tensor input) throws OrtException {
        TensorSpec tensor = inputs().get(0);
        String output = outputs().get(0).name();
        return run(Map.of(tensor.name(), input), Set.of(output))
                .values()
                .iterator()
                .next();
    }

    /**
     * Runs the model.
     *
     * @param feeds all inputs by name; converted to the type that the model takes
     * @param wanted names of outputs
     * @return these outputs by name, as float32
     * @throws OrtException if an input does not fit the model, the device fails, or the {@link TimeLimit} of this thread is over
     * @throws java.util.concurrent.CancellationException if the model is being closed or the process is ending
     */
    public Map<String, Tensor> run(Map<String, ModelInput> feeds, Set<String> wanted) throws OrtException {
        return shared.model.run(feeds, wanted);
    }

    /**
     * Frees native memory when nobody else uses the model; may be called again. Runs that are in flight on other threads give up first, with an
     * {@link OrtException} or a {@link java.util.concurrent.CancellationException}.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        synchronized (OPEN) {
            if (--shared.users > 0) {
                return;
            }
            OPEN.remove(key);
        }
        shared.model.close();
    }
}
