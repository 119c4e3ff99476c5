package org.imagerl.toolkit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.KeyReport;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;

/** Named tensors in a safetensors file: the state of a training, exact to the bit. */
public final class TensorFiles {
    private TensorFiles() {}

    /** Writes float32 tensors of any shape, atomically. */
    public static void save(Path file, Map<String, NDArray> tensors, Map<String, String> metadata) {
        SafetensorsWriter.write(
                file,
                tensors.entrySet().stream()
                        .map(entry -> NetworkWeights.source(entry.getKey(), entry.getValue(), DType.F32))
                        .toList(),
                metadata);
    }

    /**
     * Overwrites float32 tensors, of any shape, with those of a file.
     *
     * @return the file's metadata
     * @throws org.imagerl.spi.UserException if names or shapes differ
     */
    public static Map<String, String> restore(Path path, Map<String, NDArray> tensors) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Map<String, Shape> expected = new TreeMap<>();
            tensors.forEach((name, tensor) -> expected.put(name, tensor.getShape()));
            Map<String, Shape> found = new TreeMap<>();
            file.entries().forEach(entry -> found.put(entry.name(), entry.shape()));
            KeyReport.check(path.toString(), expected, found);
            Gradients.off(() -> {
                found.keySet().forEach(name -> overwrite(Objects.requireNonNull(tensors.get(name)), file.floats(name)));
                return path;
            });
            return file.metadata();
        }
    }

    /** Overwrites a float32 tensor of any shape. Gradients are off. */
    public static void overwrite(NDArray tensor, float[] values) {
        try (NDManager scope = tensor.getManager().newSubManager()) {
            InPlaceKernels.copyInPlace(tensor, scope.create(values, tensor.getShape()));
        }
    }
}
