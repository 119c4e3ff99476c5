package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What bin/imagerl settles before Java starts: Java is a script here that prints its words and its environment. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final String JAVA = """
        #!/bin/sh
        case " $* " in
        *' --shell ')
            case $* in *broken*) echo 'imagerl: broken' >&2; exit 3 ;; esac
            echo "export PYTORCH_FLAVOR='cu128 of '"
            echo "torch_option='-Djna.library.path=/a b'"
            ;;
        *)
            for word in "$@"; do printf '<%s>\\n' "$word"; done
            env
            ;;
        esac
        """;

    @TempDir
    private Path home;

    @BeforeEach
    void aJava() throws IOException {
        Files.createDirectories(home.resolve("jdk/bin"));
        Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        Files.writeString(home.resolve("jdk/bin/java"), JAVA);
        Files.setPosixFilePermissions(home.resolve("jdk/bin/java"), PosixFilePermissions.fromString("rwx------"));
    }

    private Run launch(Map<String, String> environment, String... words) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of("sh", "src/main/dist/bin/imagerl"), Stream.of(words))
                .toList();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(home.resolve("err").toFile());
        List.of("IMAGERL_TORCH", "IMAGERL_PRECISION", "NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE")
                .forEach(builder.environment()::remove);
        builder.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, Files.readString(home.resolve("err")));
    }

    @Test
    void withoutAWordFloat32IsNotRounded() throws Exception {
        Run run = launch(Map.of(), "train", "a b.yaml", "--torch", "x");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("<train>\n<a b.yaml>\n<--torch>\n<x>\n", "NVIDIA_TF32_OVERRIDE=0")
                .doesNotContain("TORCH_ALLOW_TF32", "jna.library.path");
    }

    @Test
    void roundingIsAllowedByAnOptionOrAVariable() throws Exception {
        for (Run run : List.of(
                launch(Map.of("NVIDIA_TF32_OVERRIDE", "0"), "--precision", "high", "doctor"),
                launch(Map.of("IMAGERL_PRECISION", "high"), "doctor"))) {
            assertThat(run.out())
                    .contains("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1", "<doctor>\n")
                    .doesNotContain("NVIDIA_TF32_OVERRIDE", "<--precision>");
        }
        assertThat(launch(Map.of(), "--precision=low", "doctor"))
                .satisfies(run -> assertThat(run.code()).isEqualTo(3))
                .satisfies(run -> assertThat(run.err()).contains("must be highest or high, not low"));
    }

    @Test
    void memoryIsInOnePieceUnlessTheEnvironmentSaysOtherwise() throws Exception {
        String ours = "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0";
        assertThat(launch(Map.of("GLIBC_TUNABLES", "", "MALLOC_ARENA_MAX", ""), "doctor")
                        .out())
                .contains("MALLOC_ARENA_MAX=1\n", "GLIBC_TUNABLES=" + ours + "\n");
        assertThat(launch(Map.of("GLIBC_TUNABLES", "glibc.cpu.x86_shstk=off", "MALLOC_ARENA_MAX", "2"), "doctor")
                        .out())
                .contains("MALLOC_ARENA_MAX=2\n", "GLIBC_TUNABLES=glibc.cpu.x86_shstk=off:" + ours + "\n");
        assertThat(launch(Map.of("GLIBC_TUNABLES", "glibc.malloc.tcache_count=7"), "doctor")
                        .out())
                .contains("GLIBC_TUNABLES=glibc.malloc.tcache_count=7\n");
    }

    @Test
    void aPyTorchIsAskedForItsSettingsBeforeJavaStarts() throws Exception {
        for (Run run : List.of(
                launch(Map.of(), "--torch", "/my venv", "sample"), launch(Map.of("IMAGERL_TORCH", "/x"), "sample"))) {
            assertThat(run.out())
                    .contains("PYTORCH_FLAVOR=cu128 of \n", "<-Djna.library.path=/a b>\n", "<sample>\n")
                    .doesNotContain("<--torch>");
        }
    }

    @Test
    void aPyTorchThatCannotBeUsedEndsIt() throws Exception {
        Run run = launch(Map.of(), "--torch", "broken", "sample");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).isEqualTo("imagerl: broken\n");
        assertThat(run.out()).isEmpty();
        assertThat(launch(Map.of(), "--torch").err()).contains("--torch needs a value");
    }

    @Test
    void sparkIsTakenFromItsOwnFolder() throws Exception {
        Run without = launch(Map.of("SPARK_HOME", ""), "train", "a.yaml", "--spark", "local-cluster[2,1,1024]");
        assertThat(without.code()).isEqualTo(3);
        assertThat(without.err()).contains("let SPARK_HOME name an unpacked Spark");
        Path spark = home.resolve("my spark");
        Files.createDirectories(spark.resolve("jars"));
        Map<String, String> environment = Map.of("SPARK_HOME", spark.toString());
        assertThat(launch(environment, "resume", "r", "--spark=yarn").err())
                .contains(spark + ", which has no jars/spark-core_2.13-4.*.jar");
        Files.createFile(spark.resolve("jars/spark-core_2.13-4.1.3.jar"));
        assertThat(launch(environment, "resume", "r", "--spark=yarn").out())
                .contains(":" + spark + "/jars/*>\n", "<--add-opens=java.base/java.nio=ALL-UNNAMED>\n")
                .contains("<-XX:Tier4InvocationThreshold=50000>\n", "<-XX:Tier4BackEdgeThreshold=400000>\n")
                .contains("SPARK_SCALA_VERSION=2.13\n", "<resume>\n<r>\n<--spark=yarn>\n");
        assertThat(launch(environment, "resume", "r").out())
                .doesNotContain("/jars/*", "add-opens=java.base/java.nio", "Tier4");
    }
}
