package org.imagerl.rewards.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** ONNX Runtime 1.29.0 sends events to its maker from the moment its library is loaded, before any of its methods can be called. */
class OnnxTelemetryTest {
    @Test
    void noNativeLibraryOfOnnxRuntimeHoldsASenderOfTelemetry() throws Exception {
        Path jar = Path.of(OrtEnvironment.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> searched = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream()
                    .filter(e -> e.getName().matches(".*linux.*libonnxruntime[^/]*\\.so"))
                    .filter(e -> e.getSize() < 100_000_000L) // the providers for CUDA are kernels alone
                    .toList()) {
                searched.add(entry.getName());
                assertThat(sender(file, entry)).as(entry.getName()).isEmpty();
            }
        }
        assertThat(searched).anyMatch(name -> name.endsWith("libonnxruntime.so"));
    }

    @Test
    void aSenderIsFound() {
        byte[] library = "\u007fELF https://mobile.events.data.microsoft.com/OneCollector/1.0/"
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(OnnxNatives.sender(library)).isEqualTo("OneCollector");
    }

    private static String sender(JarFile file, JarEntry entry) throws IOException {
        try (InputStream in = file.getInputStream(entry)) {
            return OnnxNatives.sender(in.readAllBytes());
        }
    }
}
