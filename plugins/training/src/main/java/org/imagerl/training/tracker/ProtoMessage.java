package org.imagerl.training.tracker;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A message of Protocol Buffers that is written field by field. Fields are added in the order of their numbers, as all
 * implementations write them, so that equal messages have equal bytes. An integer of 0 is its default, which is not written.
 * Other fields are written whatever their value: where one of several fields is chosen, it says which one.
 */
final class ProtoMessage {
    private final ByteString.Output bytes = ByteString.newOutput();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    private interface Write {
        void run() throws IOException;
    }

    ProtoMessage integer(int field, long value) {
        return value == 0 ? this : write(() -> out.writeInt64(field, value));
    }

    ProtoMessage single(int field, float value) {
        return write(() -> out.writeFloat(field, value));
    }

    ProtoMessage real(int field, double value) {
        return write(() -> out.writeDouble(field, value));
    }

    ProtoMessage flag(int field, boolean value) {
        return write(() -> out.writeBool(field, value));
    }

    ProtoMessage text(int field, String value) {
        return write(() -> out.writeString(field, value));
    }

    ProtoMessage bytes(int field, byte[] value) {
        return write(() -> out.writeByteArray(field, value));
    }

    ProtoMessage message(int field, ProtoMessage value) {
        return bytes(field, value.bytes());
    }

    byte[] bytes() {
        write(out::flush);
        return bytes.toByteString().toByteArray();
    }

    private ProtoMessage write(Write field) {
        try {
            field.run();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory has no such problems
        }
    }
}
