package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private static final float[] SIX = {0, 1, 2, 3, 4, 5};

    @TempDir
    Path folder;

    private byte[] written(List<TensorSource> tensors, Map<String, String> metadata) throws IOException {
        Path file = folder.resolve("out.safetensors");
        SafetensorsWriter.write(file, tensors, metadata);
        return Files.readAllBytes(file);
    }

    private static String header(byte[] file) {
        int length =
                ByteBuffer.wrap(file).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
        return new String(file, 8, length, StandardCharsets.UTF_8);
    }

    /** The expected texts are those of the unit tests of the reference implementation, tensor.rs. */
    @Test
    void theBytesAreThoseOfTheReferenceImplementation() throws IOException {
        byte[] file = written(List.of(TensorSource.ofFloats("attn.0", DType.F32, new Shape(1, 2, 3), SIX)), Map.of());

        assertThat(header(file))
                .isEqualTo("{\"attn.0\":{\"dtype\":\"F32\",\"shape\":[1,2,3],\"data_offsets\":[0,24]}}");
        assertThat(file).startsWith(64, 0, 0, 0, 0, 0, 0, 0, '{').hasSize(8 + 64 + 24);
        assertThat(file).endsWith(0, 0, 0x80, 0x40, 0, 0, 0xa0, 0x40);
    }

    @Test
    void theHeaderIsPaddedWithSpacesAsByTheReferenceImplementation() throws IOException {
        assertThat(written(List.of(), Map.of()))
                .containsExactly(8, 0, 0, 0, 0, 0, 0, 0, '{', '}', ' ', ' ', ' ', ' ', ' ', ' ');
        assertThat(header(written(List.of(), Map.of("framework", "pt"))))
                .isEqualTo("{\"__metadata__\":{\"framework\":\"pt\"}}     ");
        byte[] file = written(List.of(TensorSource.ofFloats("attn0", DType.F32, new Shape(1, 1, 2, 3), SIX)), Map.of());
        assertThat(header(file))
                .isEqualTo("{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],\"data_offsets\":[0,24]}}       ");
    }

    @Test
    void tensorsAreSortedByDescendingAlignmentThenByNameAndMetadataByKey() throws IOException {
        List<TensorSource> tensors = Stream.of(
                        DType.U8, DType.F16, DType.I64, DType.F32, DType.BF16, DType.BOOL, DType.F64)
                .flatMap(dtype -> Stream.of("z", "a")
                        .map(name -> TensorSource.ofBytes(
                                name + dtype, dtype, new Shape(), () -> ByteBuffer.allocate(dtype.bytes()))))
                .toList();

        SafetensorsHeader header = RawFile.parse(written(tensors, Map.of("b", "2", "a", "1")));

        assertThat(header.entries().stream().map(TensorEntry::name))
                .containsExactly(
                        "aI64", "zI64", "aF64", "zF64", "aF32", "zF32", "aBF16", "zBF16", "aF16", "zF16", "aU8", "zU8",
                        "aBOOL", "zBOOL");
        assertThat(header.metadata().keySet()).containsExactly("a", "b");
    }

    @Test
    void contentsAreTakenInPieces() throws IOException {
        TensorSource pieces = new TensorSource("p", DType.U8, new Shape(4), sink -> {
            ByteBuffer reused = ByteBuffer.wrap(new byte[] {1, 2});
            sink.write(reused);
            sink.write(reused.put(0, (byte) 3));
        });

        assertThat(written(List.of(pieces), Map.of())).endsWith(1, 2, 3, 2);
    }

    @Test
    void partsInMemoryAreTheFileCutSomewhere() throws IOException {
        List<TensorSource> tensors = List.of(
                TensorSource.ofFloats("a", DType.F32, new Shape(2, 3), SIX),
                TensorSource.ofFloats("b", DType.F16, new Shape(6), SIX));
        List<byte[]> parts = SafetensorsWriter.parts(tensors, Map.of("k", "v"), 7);
        ByteBuffer joined =
                ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(joined::put);
        assertThat(joined.array()).isEqualTo(written(tensors, Map.of("k", "v")));
        assertThat(parts.subList(0, parts.size() - 1)).allMatch(part -> part.length == 7);
        for (int bytes : new int[] {3, 5}) {
            TensorSource wrong =
                    new TensorSource("p", DType.U8, new Shape(4), sink -> sink.write(ByteBuffer.allocate(bytes)));
            assertThatThrownBy(() -> SafetensorsWriter.parts(List.of(wrong), Map.of(), 100))
                    .hasMessageContaining("1 bytes");
        }
    }

    @Test
    void aFullDiskLeavesNothingBehindAndAnOldFileAsItWas() throws IOException {
        Path old = Files.writeString(folder.resolve("old.safetensors"), "old");
        TensorSource large = new TensorSource("a", DType.U8, new Shape(2), sink -> {
            sink.write(ByteBuffer.allocate(1));
            throw new IOException("No space left on device");
        });

        assertThatThrownBy(() -> SafetensorsWriter.write(old, List.of(large), Map.of()))
                .isInstanceOfSatisfying(
                        UserException.class, e -> assertThat(e.kind()).isEqualTo(UserException.Kind.RESOURCES))
                .hasMessageContaining("old.safetensors")
                .hasMessageContaining("No space left on device");
        assertThat(old).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("old.safetensors");
    }

    @Test
    void aPlaceThatCannotBeWrittenIsAProblemOfTheMachine() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> SafetensorsWriter.write(file.resolve("x.safetensors"), List.of(), Map.of()))
                .isInstanceOfSatisfying(
                        UserException.class, e -> assertThat(e.kind()).isEqualTo(UserException.Kind.ENVIRONMENT));
    }

    @Test
    void aContentOfAnotherLengthThanItsShapeIsRefusedAndNothingIsLeft() throws IOException {
        List<TensorSource> wrong = List.of(TensorSource.ofFloats("a", DType.F32, new Shape(7), SIX));

        assertThatThrownBy(() -> written(wrong, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has 28 bytes, but its content gave 24");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        TensorSource tensor = TensorSource.ofFloats("a", DType.F32, new Shape(6), SIX);

        assertThatThrownBy(() -> written(List.of(tensor, tensor), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"a\"");
        assertThatThrownBy(() -> TensorSource.ofFloats("__metadata__", DType.F32, new Shape(6), SIX))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
