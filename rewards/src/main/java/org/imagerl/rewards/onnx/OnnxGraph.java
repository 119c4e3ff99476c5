package org.imagerl.rewards.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Writes ONNX models: a graph of nodes, inputs, outputs and weights. Weights go into the model, or into a file beside it.
 *
 * <p>Source: onnx/onnx.proto, IR version 8, operator set 17.
 */
public final class OnnxGraph {
    private static final int IR_VERSION = 8;
    private static final int OPERATOR_SET = 17;

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("graph");
    private final List<StringStringEntryProto> metadata = new ArrayList<>();

    /** Weights in a file beside the model. */
    public static final class DataFile implements AutoCloseable {
        private final Path file;
        private final OutputStream out;
        private long length;

        /** Begins a file; it must lie in the folder of the model. */
        public DataFile(Path file) throws IOException {
            this.file = file;
            this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /**
     * An input.
     *
     * @param shape lengths, -1 for one that is not fixed
     */
    public OnnxGraph input(String name, DataType type, long... shape) {
        graph.addInput(value(name, type, shape));
        return this;
    }

    /** An output, with a shape as {@link #input}. */
    public OnnxGraph output(String name, DataType type, long... shape) {
        graph.addOutput(value(name, type, shape));
        return this;
    }

    private static ValueInfoProto value(String name, DataType type, long... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (int i = 0; i < shape.length; i++) {
            TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
            if (shape[i] < 0) {
                dimension.setDimParam(name + "_" + i);
            } else {
                dimension.setDimValue(shape[i]);
            }
        }
        TypeProto.Tensor tensor = TypeProto.Tensor.newBuilder()
                .setElemType(type.getNumber())
                .setShape(dimensions)
                .build();
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    /** Float32 weights. */
    public OnnxGraph weights(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        graph.addInitializer(tensor(name, DataType.FLOAT, shape).setRawData(ByteString.copyFrom(raw)));
        return this;
    }

    /** Float32 weights, drawn one by one and written to a file beside the model. */
    public OnnxGraph weights(String name, DoubleSupplier values, DataFile data, long... shape) throws IOException {
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        ByteBuffer raw = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < count; i++) {
            data.out.write(raw.putFloat(0, (float) values.getAsDouble()).array());
        }
        graph.addInitializer(tensor(name, DataType.FLOAT, shape)
                .addExternalData(entry("location", String.valueOf(data.file.getFileName())))
                .addExternalData(entry("offset", Long.toString(data.length)))
                .addExternalData(entry("length", Long.toString(4 * count)))
                .setDataLocation(TensorProto.DataLocation.EXTERNAL));
        data.length += 4 * count;
        return this;
    }

    private static StringStringEntryProto.Builder entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value);
    }

    /** Constants of int64. */
    public OnnxGraph integers(String name, List<Long> values) {
        graph.addInitializer(tensor(name, DataType.INT64, values.size()).addAllInt64Data(values));
        return this;
    }

    private static TensorProto.Builder tensor(String name, DataType type, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        Arrays.stream(shape).forEach(tensor::addDims);
        return tensor;
    }

    /** What nodes have beside their inputs. */
    public static final class Attribute {
        private Attribute() {}

        /** One integer. */
        public static AttributeProto of(String name, long value) {
            return AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(value)
                    .build();
        }

        /** A list of integers. */
        public static AttributeProto list(String name, Long... values) {
            return AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.INTS)
                    .addAllInts(List.of(values))
                    .build();
        }
    }

    /** A node of one output. */
    public OnnxGraph node(String operator, List<String> inputs, String output, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(operator)
                .addAllInput(inputs)
                .addOutput(output)
                .addAllAttribute(List.of(attributes)));
        return this;
    }

    /** What an exporter says of the model beside its graph. */
    public OnnxGraph metadata(String key, String value) {
        metadata.add(entry(key, value).build());
        return this;
    }

    /** The content of the .onnx file. */
    public byte[] bytes() {
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setGraph(graph)
                .addAllMetadataProps(metadata)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .build()
                .toByteArray();
    }

    /** Writes the .onnx file. */
    public void write(Path file) throws IOException {
        Files.write(file, bytes());
    }
}
