package org.imagerl.rewards.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.platform.Fp16Conversions;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;

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
    private record Key(String model, int cuda, int threads) {}

    /** A session and how many use it; guarded by {@link #OPEN}. */
    private static final class Shared {
        private final OrtSession session;
        private final List<Port> inputs;
        private final List<Port> outputs;
        private int users;

        Shared(OrtSession session) throws OrtException {
            this.session = session;
            this.inputs = ports(session.getInputInfo().values());
            this.outputs = ports(session.getOutputInfo().values());
        }
    }

    /** What goes into a model. */
    public sealed interface Feed {
        /** Lengths of the dimensions. */
        long[] shape();
    }

    /** A float32 tensor, row-major. */
    public record Tensor(float[] values, long[] shape) implements Feed {}

    /** An int64 tensor, row-major. */
    public record Ids(long[] values, long[] shape) implements Feed {}

    /**
     * An input or output.
     *
     * @param name as the model has it
     * @param type of its elements
     * @param shape lengths of the dimensions, -1 for one that is not fixed
     */
    public record Port(String name, OnnxJavaType type, List<Long> shape) {

        /** Length of a dimension, -1 if it is not fixed or does not exist; negative indices count from the end. */
        public long length(int dimension) {
            int index = dimension < 0 ? shape.size() + dimension : dimension;
            return index >= 0 && index < shape.size() ? shape.get(index) : -1;
        }

        @Override
        public String toString() {
            return name + " " + type.toString().toLowerCase(Locale.ROOT) + shape;
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
        Key key = new Key(name, device.cuda(), threads);
        try {
            return open(key, device, (environment, options) -> environment.createSession(model, options));
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
        Key key = new Key(identity(file), device.cuda(), threads);
        try {
            return open(key, device, (environment, options) -> environment.createSession(file.toString(), options));
        } catch (OrtException e) {
            throw UserException.input(file + ": cannot be loaded: " + OnnxDevice.oneLine(e) + remedy(e), e);
        }
    }

    private static String remedy(OrtException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("xternal data") || message.contains("external initializer")) {
            return "; its weights are in a file of their own (for instance model.onnx_data), which must lie beside it under"
                    + " the name that it was exported with";
        }
        return message.contains("rotobuf") ? "; the file is damaged or no ONNX model: copy or export it again" : "";
    }

    /** The same for a file that has not changed, however it is named. */
    private static String identity(Path file) {
        try {
            return file.toRealPath() + "|" + Files.size(file) + "|" + Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    private static OnnxSession open(Key key, OnnxDevice device, Creation creation) throws OrtException {
        synchronized (OPEN) {
            Shared shared = OPEN.get(key);
            if (shared == null) {
                try (SessionOptions options = device.options(key.threads)) {
                    shared = new Shared(creation.create(environment(), options));
                }
                OPEN.put(key, shared);
            }
            shared.users++;
            return new OnnxSession(key, shared);
        }
    }

    /** How many models are loaded at present. */
    static int loaded() {
        synchronized (OPEN) {
            return OPEN.size();
        }
    }

    /** The inputs, in the order of the model. */
    public List<Port> inputs() {
        return shared.inputs;
    }

    /** The outputs, in the order of the model. */
    public List<Port> outputs() {
        return shared.outputs;
    }

    private static List<Port> ports(Collection<NodeInfo> nodes) {
        List<Port> ports = new ArrayList<>();
        for (NodeInfo node : nodes) {
            if (node.getInfo() instanceof TensorInfo tensor) {
                ports.add(new Port(
                        node.getName(),
                        tensor.type,
                        Arrays.stream(tensor.getShape()).boxed().toList()));
            }
        }
        return List.copyOf(ports);
    }

    /**
     * Runs a model of one input, for its first output.
     *
     * @throws OrtException if the input does not fit the model, or the device fails
     */
    public Tensor run(Tensor input) throws OrtException {
        Port port = inputs().get(0);
        String output = outputs().get(0).name();
        return run(Map.of(port.name(), input), Set.of(output))
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
     * @throws OrtException if an input does not fit the model, or the device fails
     */
    public Map<String, Tensor> run(Map<String, Feed> feeds, Set<String> wanted) throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            for (Port port : inputs()) {
                Feed feed = feeds.get(port.name());
                if (feed != null) {
                    inputs.put(port.name(), tensor(feed, port.type()));
                }
            }
            try (OrtSession.Result result = shared.session.run(inputs, wanted)) {
                Map<String, Tensor> outputs = new LinkedHashMap<>();
                for (Map.Entry<String, OnnxValue> entry : result) {
                    outputs.put(entry.getKey(), floats((OnnxTensor) entry.getValue()));
                }
                return outputs;
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(Feed feed, OnnxJavaType type) throws OrtException {
        OrtEnvironment environment = environment();
        if (feed instanceof Tensor floats) {
            FloatBuffer values = FloatBuffer.wrap(floats.values);
            return type == OnnxJavaType.FLOAT16
                    ? OnnxTensor.createTensor(
                            environment, Fp16Conversions.convertFloatBufferToFp16Buffer(values), floats.shape, type)
                    : OnnxTensor.createTensor(environment, values, floats.shape);
        }
        Ids ids = (Ids) feed;
        return type == OnnxJavaType.INT32
                ? OnnxTensor.createTensor(
                        environment,
                        IntBuffer.wrap(Arrays.stream(ids.values)
                                .mapToInt(Math::toIntExact)
                                .toArray()),
                        ids.shape)
                : OnnxTensor.createTensor(environment, LongBuffer.wrap(ids.values), ids.shape);
    }

    private static Tensor floats(OnnxTensor output) throws OrtException {
        TensorInfo info = output.getInfo();
        float[] values = switch (info.type) {
            case INT64 -> toFloats(output.getLongBuffer());
            case DOUBLE -> toFloats(output.getDoubleBuffer());
            default -> copy(output.getFloatBuffer()); // float16 and bfloat16 are widened by ONNX Runtime
        };
        return new Tensor(values, info.getShape());
    }

    /** Not every buffer has an array of its own. */
    private static float[] copy(FloatBuffer buffer) {
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static float[] toFloats(LongBuffer buffer) {
        float[] floats = new float[buffer.remaining()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = buffer.get();
        }
        return floats;
    }

    private static float[] toFloats(DoubleBuffer buffer) {
        float[] floats = new float[buffer.remaining()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) buffer.get();
        }
        return floats;
    }

    /** Frees native memory when nobody else uses the model; may be called again. */
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
        try {
            shared.session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime did not close a session", e);
        }
    }

    /** The one environment of the process; what it cannot do it says by exceptions, so it need not write to stderr. */
    private static OrtEnvironment environment() throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "imagerl");
        environment.setTelemetry(false);
        return environment;
    }
}
