package org.imagerl.training.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a process of the loop knows that an executor is of the same build. */
class BuildIdTest {
    @TempDir
    private Path folder;

    private Path jar(String name, String type, String code, String other) throws IOException {
        Path jar = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("org/imagerl/" + type + ".class"));
            zip.write(code.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("org/elsewhere/B.class"));
            zip.write(other.getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }

    @Test
    void aBuildIsKnownByItsClasses() throws IOException {
        Path a = jar("a.jar", "A", "code", "x");
        Path b = jar("b.jar", "B", "code", "x");
        String build = BuildId.of(List.of(a, b));
        assertThat(BuildId.of(List.of(jar("other-a.jar", "A", "code", "y"), b))).isEqualTo(build);
        assertThat(BuildId.of(List.of(a))).isNotEqualTo(build);
        assertThat(BuildId.of(List.of(a, jar("c.jar", "B", "edoc", "x")))).isNotEqualTo(build);
    }

    @Test
    void anotherBuildOrEngineIsRefused() {
        ExecutorSession.Hello here = new ExecutorSession.Hello("build a", "2.7.1", "weights");
        here.require(new ExecutorSession.Hello("build a", "2.7.1", "weights"), "the executor");
        assertThatThrownBy(() -> here.require(new ExecutorSession.Hello("build a", "2.7.0", "weights"), "executor 3"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("executor 3 has another PyTorch (2.7.0) than the process of the loop (2.7.1);")
                .hasMessageContaining("start both with the same jars");
    }
}
