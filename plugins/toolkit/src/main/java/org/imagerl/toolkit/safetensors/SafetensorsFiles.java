package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.spi.text.Quote;

/** Safetensors files for layouts of adapters, which only know the names of tensors. */
public final class SafetensorsFiles implements TensorFiles {

    @Override
    public TensorFile open(Path file) {
        return SafetensorsFile.open(file);
    }

    @Override
    public void write(Path file, Map<String, Tensor> tensors, DataType dtype, Map<String, String> metadata) {
        List<TensorSource> sources = new ArrayList<>();
        tensors.forEach((name, tensor) -> {
            DType type = dtype == DataType.FLOAT16 && tensor.shape().dimension() > 0 ? DType.F16 : DType.F32;
            checkRange(file, name, tensor.values(), type);
            sources.add(TensorSource.ofFloats(name, type, tensor.shape(), tensor.values()));
        });
        SafetensorsWriter.write(file, sources, metadata);
    }

    private static void checkRange(Path file, String name, float[] values, DType dtype) {
        float limit = dtype == DType.F16 ? HalfFloats.FP16_MAX : Float.MAX_VALUE;
        for (float value : values) {
            // Written so that NaN is caught too.
            if (!(Math.abs(value) <= limit)) {
                throw UserException.input(
                        file + ": " + Quote.of(name) + " has the value " + value + ", which " + dtype + " cannot hold: "
                                + (Float.isFinite(value) ? "write the adapter in float32" : "training diverged"));
            }
        }
    }
}
