package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFilesTest {
    private static final String STEM = "diffusion_pytorch_model";

    @TempDir
    Path folder;

    private static List<TensorSource> five() {
        return IntStream.range(0, 5)
                .mapToObj(i -> TensorSource.ofFloats("w" + i, DType.F32, new Shape(2), new float[] {i, -i}))
                .toList();
    }

    private void writeShards() {
        WeightFilesWriter.write(folder, STEM, five(), 16);
    }

    private WeightFiles open() {
        return WeightFiles.open(folder, STEM, WeightVariant.PLAIN);
    }

    @Test
    void weightsBelowTheLimitAreOneFile() {
        WeightFilesWriter.write(folder, STEM, five(), 40);

        assertThat(folder.toFile().list()).containsExactly(STEM + ".safetensors");
        try (WeightFiles weights = open()) {
            assertThat(weights.names()).hasSize(5);
            assertThat(weights.files().get(0).metadata()).isEqualTo(Map.of("format", "pt"));
        }
    }

    @Test
    void weightsAboveTheLimitAreShardsWithAnIndexAndReadAlike() {
        writeShards();

        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        STEM + "-00001-of-00003.safetensors",
                        STEM + "-00002-of-00003.safetensors",
                        STEM + "-00003-of-00003.safetensors",
                        STEM + ".safetensors.index.json");
        try (WeightFiles weights = open()) {
            assertThat(weights.names()).containsExactlyInAnyOrder("w0", "w1", "w2", "w3", "w4");
            assertThat(weights.file("w3").entry("w3").shape()).isEqualTo(new Shape(2));
            assertThat(weights.file("w3").floats("w3")).containsExactly(3, -3);
            assertThatThrownBy(() -> weights.file("w9")).hasMessageContaining("has no tensor \"w9\"");
        }
    }

    @Test
    void existingWeightsAreNotWrittenOver() {
        writeShards();

        assertThatThrownBy(() -> WeightFilesWriter.write(folder, STEM, five(), 1000))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is there already");
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        writeShards();
        Files.delete(folder.resolve(STEM + "-00002-of-00003.safetensors"));

        assertThatThrownBy(this::open)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("00002-of-00003.safetensors: no such file");
    }

    @Test
    void aShardOfAnotherDownloadIsRefusedByTheNamesOfItsTensors() {
        writeShards();
        SafetensorsWriter.write(
                folder.resolve(STEM + "-00003-of-00003.safetensors"),
                List.of(TensorSource.ofFloats("other", DType.F32, new Shape(1), new float[1])),
                Map.of());

        assertThatThrownBy(this::open)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("missing: \"w4\"")
                .hasMessageContaining("unexpected: \"other\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", "a\\\\b.safetensors", "..safetensors",
                ".safetensors", "C:x.safetensors", "model.bin", "", "a\\u0000.safetensors"
            })
    void anIndexThatLeadsOutOfItsFolderIsRefused(String shard) throws IOException {
        Files.writeString(
                folder.resolve(STEM + ".safetensors.index.json"), "{\"weight_map\":{\"w\":\"" + shard + "\"}}");

        assertThatThrownBy(this::open)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected the plain name of a .safetensors file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"weight_map\":{}}",
                "{\"weight_map\":[]}",
                "{\"weight_map\":{\"w\":1}}",
                "{\"weight_map\":{\"w\":\"a.safetensors\",\"w\":\"a.safetensors\"}}"
            })
    void aDamagedIndexIsRefused(String json) throws IOException {
        Files.writeString(folder.resolve(STEM + ".safetensors.index.json"), json);

        assertThatThrownBy(this::open).isInstanceOf(UserException.class).hasMessageContaining("index.json");
    }

    @Test
    void aVariantIsTakenOnlyWhenAskedFor() {
        SafetensorsWriter.write(folder.resolve(STEM + ".fp16.safetensors"), five(), Map.of());

        assertThatThrownBy(this::open).isInstanceOf(UserException.class).hasMessageContaining("only the variant FP16");
        try (WeightFiles weights = WeightFiles.open(folder, STEM, WeightVariant.FP16)) {
            assertThat(weights.names()).hasSize(5);
        }
    }

    @Test
    void aFolderWithPicklesOnlyIsRefusedWithTheRemedy() throws IOException {
        Files.writeString(folder.resolve(STEM + ".bin"), "");

        assertThatThrownBy(this::open)
                .isInstanceOf(UserException.class)
                .hasMessageContaining(STEM + ".bin")
                .hasMessageContaining("safe_serialization=True");
    }

    @Test
    void anEmptyOrMissingFolderIsRefused() {
        assertThatThrownBy(this::open)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has neither " + STEM + ".safetensors nor " + STEM + ".safetensors.index.json");
        assertThatThrownBy(() -> WeightFiles.open(folder.resolve("none"), STEM, WeightVariant.PLAIN))
                .isInstanceOf(UserException.class);
    }
}
