package org.imagerl.rewards.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.imagerl.spi.io.CacheFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class OnnxNativesTest {
    @TempDir
    private Path folder;

    @Test
    void theLibrariesAreUnpackedOnce() throws IOException {
        CacheFolder cache = CacheFolder.open(folder.resolve("cache"));
        try (JarFile jar = OnnxNatives.jar()) {
            List<JarEntry> libraries = OnnxNatives.libraries(jar);
            assertThat(libraries)
                    .extracting(entry -> Path.of(entry.getName()).getFileName().toString())
                    .contains(System.mapLibraryName("onnxruntime"), System.mapLibraryName("onnxruntime4j_jni"));
            Path first = OnnxNatives.cached(cache, jar, libraries);
            Path library = first.resolve(System.mapLibraryName("onnxruntime"));
            Object identity = Files.getAttribute(library, "lastModifiedTime");
            assertThat(OnnxNatives.cached(cache, jar, libraries)).isEqualTo(first);
            assertThat(Files.getAttribute(library, "lastModifiedTime")).isEqualTo(identity);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void onnxRuntimeTakesItsLibrariesFromTheFolderAndNotFromTheTemporaryFiles() throws Exception {
        OnnxDevice.environment();
        Path from = Path.of(System.getProperty("onnxruntime.native.path")).toRealPath();
        List<String> mapped = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("libonnxruntime"))
                .map(line -> line.substring(line.indexOf('/')))
                .distinct()
                .toList();
        assertThat(mapped).isNotEmpty().allMatch(path -> path.startsWith(from + "/"));
    }
}
