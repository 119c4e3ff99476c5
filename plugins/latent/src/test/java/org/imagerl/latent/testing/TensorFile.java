package org.imagerl.latent.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tensors of a safetensors file of ours, as plain arrays; trusts the file, as only tests may. */
public final class TensorFile {
    private final ByteBuffer data;
    private final JsonNode header;

    private TensorFile(ByteBuffer data, JsonNode header) {
        this.data = data;
        this.header = header;
    }

    /** Reads a whole file: 8 bytes of header length, a JSON header, data; all little-endian. */
    public static TensorFile read(Path file) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int headerLength = Math.toIntExact(all.getLong(0));
        String header = new String(all.array(), 8, headerLength, StandardCharsets.UTF_8);
        all.position(8 + headerLength);
        return new TensorFile(all.slice().order(ByteOrder.LITTLE_ENDIAN), new JsonMapper().readTree(header));
    }

    /** A float32 tensor, flat. */
    public double[] floats(String key) {
        int offset = offset(key, "F32");
        double[] values = new double[elements(key)];
        for (int i = 0; i < values.length; i++) {
            values[i] = data.getFloat(offset + 4 * i);
        }
        return values;
    }

    /** An int64 matrix [rows, columns]. */
    public int[][] rows(String key) {
        int offset = offset(key, "I64");
        JsonNode shape = header.get(key).get("shape");
        int[][] rows = new int[shape.get(0).intValue()][shape.get(1).intValue()];
        int i = 0;
        for (int[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                row[column] = Math.toIntExact(data.getLong(offset + 8 * i++));
            }
        }
        return rows;
    }

    /** Whether there is such a tensor. */
    public boolean has(String key) {
        return header.has(key);
    }

    private int elements(String key) {
        int count = 1;
        for (JsonNode length : header.get(key).get("shape")) {
            count *= length.intValue();
        }
        return count;
    }

    private int offset(String key, String type) {
        JsonNode entry = header.get(key);
        if (!entry.get("dtype").stringValue().equals(type)) {
            throw new IllegalArgumentException(key + " is " + entry.get("dtype") + ", not " + type);
        }
        return entry.get("data_offsets").get(0).intValue();
    }
}
