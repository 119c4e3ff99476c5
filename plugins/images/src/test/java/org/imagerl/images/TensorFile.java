package org.imagerl.images;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reads the byte tensors of a trusted safetensors file: this module must not see the reader of the toolkit. */
final class TensorFile {

    private TensorFile() {}

    /** One tensor, row-major. */
    record Bytes(List<Integer> shape, byte[] data) {}

    static Map<String, Bytes> read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int headerBytes = Math.toIntExact(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
        JsonNode header = new ObjectMapper().readTree(bytes, 8, headerBytes);
        Map<String, Bytes> tensors = new HashMap<>();
        for (String name : header.propertyNames()) {
            JsonNode entry = header.get(name);
            if (entry.has("shape")) {
                int start = 8 + headerBytes + entry.get("data_offsets").get(0).intValue();
                int end = 8 + headerBytes + entry.get("data_offsets").get(1).intValue();
                List<Integer> shape = new ArrayList<>();
                entry.get("shape").forEach(n -> shape.add(n.intValue()));
                tensors.put(name, new Bytes(shape, Arrays.copyOfRange(bytes, start, end)));
            }
        }
        return tensors;
    }
}
