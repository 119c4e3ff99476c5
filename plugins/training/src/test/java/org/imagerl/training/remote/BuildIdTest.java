package org.imagerl.training.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a process of the loop knows that an executor is of the same build. */
class BuildIdTest {
    @TempDir
    private Path folder;

    private Path jar(String name, String code, String other) throws IOException {
        Path jar = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("org/imagerl/A.class"));
            zip.write(code.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("org/elsewhere/B.class"));
            zip.write(other.getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }

    @Test
    void aBuildIsKnownByItsClasses() throws IOException {
        String build = BuildId.of(jar("a.jar", "code", "x"));
        assertThat(BuildId.of(jar("b.jar", "code", "y"))).isEqualTo(build);
        assertThat(BuildId.of(jar("c.jar", "edoc", "x"))).isNotEqualTo(build);
    }

    @Test
    void anotherBuildOrEngineIsRefused() {
        ExecutorSession.Hello here = new ExecutorSession.Hello("build a", "2.7.1", "weights");
        here.require(new ExecutorSession.Hello("build a", "2.7.1", "weights"), "the executor");
        assertThatThrownBy(() -> here.require(new ExecutorSession.Hello("build a", "2.7.0", "weights"), "executor 3"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("executor 3 has")
                .hasMessageContaining("2.7.0")
                .hasMessageContaining("start both with the same jars");
    }
}
