package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every safetensors file of the golden folder is read, and written again as the reference implementation wrote it. */
class GoldenSafetensorsTest {
    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyFileIsReadAndWrittenAgainByteByByte() throws IOException {
        Path root = GoldenRoot.path();
        if (!Files.isDirectory(root)) {
            return abort("no golden files at " + root);
        }
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList();
            return found.stream().map(file -> dynamicTest(root.relativize(file).toString(), () -> rewrite(file)));
        }
    }

    private void rewrite(Path golden) throws IOException {
        Path copy = folder.resolve("copy.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(golden)) {
            List<TensorSource> tensors = file.entries().stream()
                    .map(entry -> TensorSource.ofBytes(
                            entry.name(), entry.dtype(), entry.shape(), () -> file.read(entry.name())))
                    .toList();
            SafetensorsWriter.write(copy, tensors, file.metadata());
        }
        assertThat(withSortedMetadata(copy)).isEqualTo(withSortedMetadata(golden));
    }

    /** The reference implementation writes metadata in no certain order: the characters of the header count, sorted. */
    private static List<Object> withSortedMetadata(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(bytes.getLong())];
        bytes.get(header);
        String text = new String(header, StandardCharsets.UTF_8);
        int tensors = text.indexOf("\":{\"dtype\"");
        String metadata = tensors < 0 ? text : text.substring(0, tensors);
        return List.of(metadata.chars().sorted().boxed().toList(), text.substring(Math.max(tensors, 0)), bytes.slice());
    }
}
