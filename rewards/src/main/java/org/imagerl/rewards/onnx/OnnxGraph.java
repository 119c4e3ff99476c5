package org.imagerl.rewards.onnx;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Writes ONNX models: a graph of nodes, inputs, outputs and weights, as protocol buffers. Weights go into the model, or into a file
 * beside it.
 *
 * <p>Source: onnx/onnx.proto, IR version 8, operator set 17.
 */
public final class OnnxGraph {
    private static final int IR_VERSION = 8;
    private static final int OPERATOR_SET = 17;

    private final Message graph = new Message();

    /** Types of tensors, with the numbers of {@code TensorProto.DataType}. */
    public enum Type {
        FLOAT(1),
        UINT8(2),
        INT8(3),
        UINT16(4),
        INT16(5),
        INT32(6),
        INT64(7),
        STRING(8),
        BOOL(9),
        FLOAT16(10),
        DOUBLE(11),
        UINT32(12),
        UINT64(13),
        BFLOAT16(16);

        private final int code;

        Type(int code) {
            this.code = code;
        }

        /** The number that the operator {@code Cast} takes. */
        public int code() {
            return code;
        }
    }

    /** A message of protocol buffers, field by field. */
    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint(((long) field << 3) | 2);
            varint(value.length);
            bytes.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes.toByteArray());
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                bytes.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            bytes.write((int) rest);
        }
    }

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
    public OnnxGraph input(String name, Type type, long... shape) {
        graph.message(11, value(name, type, shape));
        return this;
    }

    /** An output, with a shape as {@link #input}. */
    public OnnxGraph output(String name, Type type, long... shape) {
        graph.message(12, value(name, type, shape));
        return this;
    }

    private static Message value(String name, Type type, long... shape) {
        Message dimensions = new Message();
        for (int i = 0; i < shape.length; i++) {
            Message dimension = new Message();
            dimensions.message(1, shape[i] < 0 ? dimension.text(2, name + "_" + i) : dimension.number(1, shape[i]));
        }
        Message tensor = new Message().number(1, type.code).message(2, dimensions);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    /** Float32 weights. */
    public OnnxGraph weights(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        graph.message(5, tensor(name, Type.FLOAT, shape).bytes(9, raw.array()));
        return this;
    }

    /** Float32 weights, drawn one by one and written to a file beside the model. */
    public OnnxGraph weights(String name, DoubleSupplier values, DataFile data, long... shape) throws IOException {
        long count = 1;
        for (long length : shape) {
            count *= length;
        }
        ByteBuffer raw = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < count; i++) {
            data.out.write(raw.putFloat(0, (float) values.getAsDouble()).array());
        }
        Message tensor = tensor(name, Type.FLOAT, shape)
                .message(13, entry("location", String.valueOf(data.file.getFileName())))
                .message(13, entry("offset", Long.toString(data.length)))
                .message(13, entry("length", Long.toString(4 * count)))
                .number(14, 1); // EXTERNAL
        data.length += 4 * count;
        graph.message(5, tensor);
        return this;
    }

    private static Message entry(String key, String value) {
        return new Message().text(1, key).text(2, value);
    }

    /** Constants of int64. */
    public OnnxGraph integers(String name, List<Long> values) {
        ByteBuffer raw = ByteBuffer.allocate(8 * values.size()).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(raw::putLong);
        graph.message(5, tensor(name, Type.INT64, values.size()).bytes(9, raw.array()));
        return this;
    }

    private static Message tensor(String name, Type type, long... shape) {
        Message tensor = new Message();
        for (long length : shape) {
            tensor.number(1, length);
        }
        return tensor.number(2, type.code).text(8, name);
    }

    /** An attribute of a node: a list of integers, or one integer. */
    public record Attribute(String name, List<Long> values, boolean list) {
        /** One integer. */
        public static Attribute of(String name, long value) {
            return new Attribute(name, List.of(value), false);
        }

        /** A list of integers. */
        public static Attribute list(String name, Long... values) {
            return new Attribute(name, List.of(values), true);
        }
    }

    /** A node of one output. */
    public OnnxGraph node(String operator, List<String> inputs, String output, Attribute... attributes) {
        Message node = new Message();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(4, operator);
        for (Attribute attribute : attributes) {
            Message message = new Message().text(1, attribute.name);
            if (attribute.list) {
                attribute.values.forEach(value -> message.number(8, value));
                message.number(20, 7); // INTS
            } else {
                message.number(3, attribute.values.get(0)).number(20, 2); // INT
            }
            node.message(5, message);
        }
        graph.message(1, node);
        return this;
    }

    /** The content of the .onnx file. */
    public byte[] bytes() {
        graph.text(2, "graph");
        return new Message()
                .number(1, IR_VERSION)
                .message(7, graph)
                .message(8, new Message().text(1, "").number(2, OPERATOR_SET))
                .bytes
                .toByteArray();
    }

    /** Writes the .onnx file. */
    public void write(Path file) throws IOException {
        Files.write(file, bytes());
    }
}
