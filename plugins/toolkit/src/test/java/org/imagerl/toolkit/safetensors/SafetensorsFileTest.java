package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsRead() {
        Path path = folder.resolve("model.safetensors");
        float[] values = {1, -2, 3.5f, 0, 5, 6};
        List<TensorSource> tensors = List.of(
                TensorSource.ofFloats("weight", DType.F32, new Shape(2, 3), values),
                TensorSource.ofFloats("half", DType.F16, new Shape(6), values),
                TensorSource.ofFloats("brain", DType.BF16, new Shape(6), values),
                TensorSource.ofFloats("double", DType.F64, new Shape(6), values),
                TensorSource.ofBytes("ids", DType.U8, new Shape(3), () -> ByteBuffer.wrap(new byte[] {7, 8, 9})));

        SafetensorsWriter.write(path, tensors, Map.of("format", "pt", "ä", "\n"));

        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.names()).containsExactly("double", "weight", "brain", "half", "ids");
            assertThat(file.entry("weight").shape()).isEqualTo(new Shape(2, 3));
            assertThat(file.metadata()).isEqualTo(Map.of("format", "pt", "ä", "\n"));
            for (String name : List.of("weight", "half", "brain", "double")) {
                assertThat(file.floats(name)).as(name).containsExactly(values);
            }
            ByteBuffer ids = file.read("ids");
            assertThat(ids.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(ids.get(2)).isEqualTo((byte) 9);
        }
    }

    @Test
    void aPieceOfATensorIsReadAndNothingBesideIt() {
        Path path = folder.resolve("two.safetensors");
        List<TensorSource> tensors = List.of(
                TensorSource.ofFloats("a", DType.F32, new Shape(1), new float[] {1}),
                TensorSource.ofFloats("b", DType.F32, new Shape(2), new float[] {2, 3}));
        SafetensorsWriter.write(path, tensors, Map.of());

        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            ByteBuffer piece = ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN);
            file.readInto("b", 4, piece);
            assertThat(piece.getFloat(0)).isEqualTo(3f);
            assertThatThrownBy(() -> file.readInto("b", 4, ByteBuffer.allocate(5)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aFileThatIsCutWhileItIsOpenIsAnErrorAndNoSignal() throws IOException {
        Path path = folder.resolve("cut.safetensors");
        float[] values = new float[1 << 16];
        SafetensorsWriter.write(
                path, List.of(TensorSource.ofFloats("a", DType.F32, new Shape(values.length), values)), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            file.requireUnchanged();
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            assertThatThrownBy(() -> file.floats("a"))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("cut.safetensors: the file was changed while it was read");
            assertThatThrownBy(file::requireUnchanged).isInstanceOf(UserException.class);
        }
    }

    @Test
    void aDeviceIsNoWeights() {
        assertThatThrownBy(() -> SafetensorsFile.open(Path.of("/dev/zero")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("/dev/zero");
    }

    @Test
    void tensorsBeyondTwoGibibytesAreReadInPieces() throws IOException {
        long big = Integer.MAX_VALUE + 9L;
        Path path = folder.resolve("big.safetensors");
        String header = "{\"big\":{\"dtype\":\"U8\",\"shape\":[" + big + "],\"data_offsets\":[0," + big + "]},"
                + "\"last\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + big + "," + (big + 4) + "]}}";
        byte[] prefix = RawFile.bytes(header, 0);
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(prefix));
            channel.write(ByteBuffer.wrap(new byte[] {42}), prefix.length + big - 1);
            channel.write(FloatCodec.encode(new float[] {1.5f}, DType.F32), prefix.length + big);
        }

        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.floats("last")).containsExactly(1.5f);
            ByteBuffer end = ByteBuffer.allocate(2);
            file.readInto("big", big - 2, end);
            assertThat(end.get(1)).isEqualTo((byte) 42);
            assertThatThrownBy(() -> file.read("big"))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("more than fit into one buffer");
        }
    }

    @Test
    void aTensorThatIsNotThereIsAnsweredWithTheNearest() throws IOException {
        String header = "{\"conv_in.weight\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}";
        Path path = RawFile.write(folder.resolve("x.safetensors"), RawFile.bytes(header, 4));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThatThrownBy(() -> file.entry("conv_in.wieght"))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("x.safetensors")
                    .hasMessageContaining("did you mean conv_in.weight?");
        }
    }

    @Test
    void eightBitFloatsAreReadExactly() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"F8_E5M2\",\"shape\":[4],\"data_offsets\":[4,8]}}";
        byte[] bytes = RawFile.bytes(header, 8);
        // Of each type: the largest number, minus one and a half, the least above zero, zero below zero.
        byte[] numbers = {0x7e, (byte) 0xbc, 0x01, (byte) 0x80, 0x7b, (byte) 0xbe, 0x01, (byte) 0x80};
        System.arraycopy(numbers, 0, bytes, bytes.length - 8, 8);
        Path path = RawFile.write(folder.resolve("f8.safetensors"), bytes);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.floats("a")).containsExactly(448, -1.5f, 0x1p-9f, -0f);
            assertThat(file.floats("b")).containsExactly(57344, -1.5f, 0x1p-16f, -0f);
        }
    }

    @Test
    void eightBitNumbersThatAreNoneAreNotANumber() {
        for (int bits = 0; bits < 256; bits++) {
            boolean none = (bits & 0x7f) == 0x7f;
            assertThat(Float.isFinite(EighthFloats.fromE4m3((byte) bits)))
                    .as("E4M3 " + bits)
                    .isEqualTo(!none);
            assertThat(Float.isFinite(EighthFloats.fromE5m2((byte) bits)))
                    .as("E5M2 " + bits)
                    .isEqualTo((bits & 0x7c) != 0x7c);
        }
    }

    @Test
    void integersOfMoreThanOneByteWithoutASignAreListedButNotLoaded() throws IOException {
        String header = "{\"a\":{\"dtype\":\"U16\",\"shape\":[2],\"data_offsets\":[0,4]}}";
        Path path = RawFile.write(folder.resolve("u16.safetensors"), RawFile.bytes(header, 4));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.entry("a").dtype()).isEqualTo(DType.U16);
            assertThatThrownBy(() -> file.read("a"))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("U16, which is not supported");
        }
    }

    @Test
    void anUnpaddedHeaderIsRead() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        String unaligned = header + " ".repeat((9 - header.length() % 8) % 8);
        byte[] bytes = RawFile.bytes(unaligned, 4);
        System.arraycopy(FloatCodec.encode(new float[] {2.5f}, DType.F32).array(), 0, bytes, bytes.length - 4, 4);
        Path path = RawFile.write(folder.resolve("u.safetensors"), bytes);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.floats("a")).containsExactly(2.5f);
        }
    }

    @Test
    void picklesFoldersAndMissingFilesAreRefused() throws IOException {
        Path pickle = Files.write(folder.resolve("model.ckpt"), "x".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> SafetensorsFile.open(pickle))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("pickle")
                .hasMessageContaining("safetensors.torch.save_file");
        assertThatThrownBy(() -> SafetensorsFile.open(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is a folder");
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such file");
    }
}
