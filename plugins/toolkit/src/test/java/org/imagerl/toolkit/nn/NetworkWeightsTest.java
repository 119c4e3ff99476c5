package org.imagerl.toolkit.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.tensor.Gradients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkWeightsTest {

    @TempDir
    Path folder;

    private static ParameterStore network(int width) {
        ParameterStore network = new ParameterStore("tiny");
        network.root().at("fc").linear(3, width);
        network.root().at("conv").conv2d(2, 4, 3, 1, 1);
        network.root().at("norm").groupNorm(2, 4, 1e-5);
        network.root().at("table").embedding(5, 2, 0.02);
        return network;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void weightsSurviveAFileOfEveryPrecision(DType dtype) {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore original = network(4);
            NetworkWeights.initialise(original, manager, new RandomStreams(1));
            Path file = folder.resolve("model.safetensors");
            SafetensorsWriter.write(file, NetworkWeights.sources(original, dtype), Map.of());
            for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT16}) {
                ParameterStore loaded = network(4);
                try (WeightFiles files = WeightFiles.single(file)) {
                    NetworkWeights.load(loaded, files, manager, type, UnaryOperator.identity());
                }
                System.gc();
                double tolerance = dtype == DType.BF16
                        ? 1 / 256.0
                        : dtype == DType.F16 || type == DataType.FLOAT16 ? 1 / 2048.0 : 0;
                for (Parameter parameter : loaded.parameters()) {
                    assertThat(parameter.value().getDataType()).isEqualTo(type);
                    assertClose(parameter, original.parameter(parameter.key()).value(), tolerance);
                }
            }
        }
    }

    private static void assertClose(Parameter actual, NDArray expected, double tolerance) {
        float[] a = actual.value().toType(DataType.FLOAT32, true).toFloatArray();
        float[] b = expected.toFloatArray();
        for (int i = 0; i < b.length; i++) {
            assertThat(Math.abs(a[i] - b[i])).as(actual.key() + " " + i).isLessThanOrEqualTo((float)
                    (tolerance * Math.abs(b[i]) + tolerance * 1e-4));
        }
    }

    @Test
    void initialValuesAreTheSameWithoutANetworkInMemory() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore original = network(4);
            NetworkWeights.initialise(original, manager, new RandomStreams(1));
            Path file = folder.resolve("model.safetensors");
            SafetensorsWriter.write(
                    file, NetworkWeights.initialSources(network(4), DType.F32, new RandomStreams(1)), Map.of());
            try (WeightFiles files = WeightFiles.single(file)) {
                for (Parameter parameter : original.parameters()) {
                    assertThat(files.file(parameter.key()).floats(parameter.key()))
                            .as(parameter.key())
                            .containsExactly(parameter.value().toFloatArray());
                }
            }
        }
    }

    @Test
    void aShapeThatDisagreesIsNamed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore original = network(4);
            NetworkWeights.initialise(original, manager, new RandomStreams(1));
            Path file = folder.resolve("model.safetensors");
            SafetensorsWriter.write(file, NetworkWeights.sources(original, DType.F32), Map.of());
            try (WeightFiles files = WeightFiles.single(file)) {
                assertThatThrownBy(() -> NetworkWeights.load(
                                network(5),
                                files,
                                manager,
                                DataType.FLOAT32,
                                key -> key.replace("norm.bias", "norm.bios")))
                        .isInstanceOf(UserException.class)
                        .hasMessageContaining("fc.weight")
                        .hasMessageContaining("(5, 3)")
                        .hasMessageContaining("norm.bios")
                        .hasMessageContaining("norm.bias");
            }
        }
    }

    @Test
    void weightsOfAFileMayBeTrainedAndTheFileStaysAsItIs() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterStore original = network(4);
            NetworkWeights.initialise(original, manager, new RandomStreams(1));
            Path file = folder.resolve("model.safetensors");
            SafetensorsWriter.write(file, NetworkWeights.sources(original, DType.F32), Map.of());
            ParameterStore loaded = network(4);
            try (WeightFiles files = WeightFiles.single(file)) {
                NetworkWeights.load(loaded, files, manager, DataType.FLOAT32, UnaryOperator.identity());
            }
            int before = manager.getManagedArrays().size();
            NetworkWeights.makeWritable(loaded, manager);
            assertThat(manager.getManagedArrays()).hasSize(before);
            Gradients.off(() -> loaded.parameter("fc.weight").value().addi(1));
            assertThat(loaded.parameter("fc.weight").value().toFloatArray()[0])
                    .isEqualTo(original.parameter("fc.weight").value().toFloatArray()[0] + 1);
        }
    }

    @Test
    void aWeightThatIsNoNumberIsNamed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Path file = folder.resolve("model.safetensors");
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e5f}) {
                ParameterStore original = network(4);
                NetworkWeights.initialise(original, manager, new RandomStreams(1));
                original.parameter("fc.bias").value().setScalar(new NDIndex(2), bad);
                SafetensorsWriter.write(file, NetworkWeights.sources(original, DType.F32), Map.of());
                try (WeightFiles files = WeightFiles.single(file)) {
                    assertThatThrownBy(() -> NetworkWeights.load(
                                    network(4), files, manager, DataType.FLOAT16, UnaryOperator.identity()))
                            .isInstanceOf(UserException.class)
                            .hasMessageContaining("\"fc.bias\"")
                            .hasMessageContaining(bad == 1e5f ? "too large for float16" : "NaN or infinite");
                }
            }
        }
    }

    @Test
    void manyTensorsTooManyAreReportedShort() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Path file = folder.resolve("model.safetensors");
            List<TensorSource> many = IntStream.range(0, 20_000)
                    .mapToObj(i -> TensorSource.ofFloats("extra." + i, DType.F32, new Shape(0), new float[0]))
                    .toList();
            SafetensorsWriter.write(file, many, Map.of());
            try (WeightFiles files = WeightFiles.single(file)) {
                assertThatThrownBy(() -> NetworkWeights.load(
                                network(4), files, manager, DataType.FLOAT32, UnaryOperator.identity()))
                        .isInstanceOf(UserException.class)
                        .hasMessageContaining("and 19980 more");
            }
        }
    }

    @Test
    void stateComesBackExactly() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = manager.create(new float[] {1.1f, -0f, Float.MIN_VALUE}).duplicate();
            Path file = folder.resolve("state.safetensors");
            TensorFiles.save(file, Map.of("a", a), Map.of("steps", "7"));
            NDArray b = manager.zeros(new Shape(3));
            assertThat(TensorFiles.restore(file, Map.of("a", b))).containsEntry("steps", "7");
            assertThat(b.toFloatArray()).isEqualTo(a.toFloatArray());
            assertThatThrownBy(() -> TensorFiles.restore(file, Map.of("b", b))).hasMessageContaining("b");
        }
    }
}
