package org.imagerl.latent.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.FloatCodec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reads a trusted safetensors file of float32, bfloat16 (which become float32) and int64 tensors. */
public final class ArrayFile {
    private ArrayFile() {}

    /** All tensors by key, with memory of the engine's own. */
    public static Map<String, NDArray> read(Path path, NDManager manager) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        int headerSize = Math.toIntExact(file.getLong());
        byte[] header = new byte[headerSize];
        file.get(header);
        ByteBuffer data = file.slice().order(ByteOrder.LITTLE_ENDIAN);
        Map<String, NDArray> tensors = new TreeMap<>();
        new ObjectMapper().readTree(header).forEachEntry((key, entry) -> {
            if (!key.equals("__metadata__")) {
                tensors.put(key, tensor(entry, data, manager));
            }
        });
        return tensors;
    }

    private static NDArray tensor(JsonNode entry, ByteBuffer data, NDManager manager) {
        int begin = entry.get("data_offsets").get(0).asInt();
        int end = entry.get("data_offsets").get(1).asInt();
        ByteBuffer bytes = ByteBuffer.allocateDirect(end - begin).order(ByteOrder.nativeOrder());
        bytes.put(data.slice(begin, end - begin)).rewind();
        JsonNode sizes = entry.get("shape");
        long[] shape = new long[sizes.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = sizes.get(i).asLong();
        }
        DType type = DType.of(entry.get("dtype").asString()).orElseThrow();
        if (type == DType.BF16) {
            return manager.create(FloatCodec.decode(bytes, type), new Shape(shape))
                    .duplicate();
        }
        try (NDArray mapped = manager.create(bytes, new Shape(shape), type.djl())) {
            return mapped.duplicate();
        }
    }
}
