package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.HalfFloats;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;

/** Collects the tensors of an adapter file and writes it whole or not at all. */
final class AdapterWriter {
    private final Path file;
    private final DType dtype;
    private final List<TensorSource> tensors = new ArrayList<>();

    /** @param dtype F32 or F16 */
    AdapterWriter(Path file, DType dtype) {
        if (dtype != DType.F32 && dtype != DType.F16) {
            throw new IllegalArgumentException("adapters are written in F32 or F16, not " + dtype);
        }
        this.file = file;
        this.dtype = dtype;
    }

    /** Adds the two matrices of a layer. */
    void add(String downKey, String upKey, LoraPair pair) {
        add(downKey, pair.downShape(), pair.down());
        add(upKey, pair.upShape(), pair.up());
    }

    /** Adds a single number; always F32, since F16 would round it. */
    void addScalar(String key, double value) {
        tensors.add(TensorSource.ofFloats(key, DType.F32, new Shape(), new float[] {(float) value}));
    }

    private void add(String key, Shape shape, float[] values) {
        checkRange(key, values);
        tensors.add(TensorSource.ofFloats(key, dtype, shape, values));
    }

    private void checkRange(String key, float[] values) {
        float limit = dtype == DType.F16 ? HalfFloats.FP16_MAX : Float.MAX_VALUE;
        for (float value : values) {
            // Written so that NaN is caught too.
            if (!(Math.abs(value) <= limit)) {
                throw UserException.input(
                        file + ": " + Quote.of(key) + " has the value " + value + ", which " + dtype + " cannot hold: "
                                + (Float.isFinite(value) ? "write the adapter in float32" : "training diverged"));
            }
        }
    }

    /** Writes the file with these strings in its header. */
    void write(Map<String, String> metadata) {
        SafetensorsWriter.write(file, tensors, metadata);
    }
}
