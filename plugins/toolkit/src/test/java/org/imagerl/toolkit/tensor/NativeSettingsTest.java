package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What PyTorch's OpenMP library says of itself as it is loaded, in a program that no launcher has started. */
@EnabledOnOs(OS.LINUX)
class NativeSettingsTest {
    @Test
    void aProgramWithoutLauncherHasThreadsThatSleep() throws Exception {
        assertThat(settings(null)).contains("OMP_WAIT_POLICY = 'PASSIVE'").doesNotContain("cannot be set here");
    }

    @Test
    void whatTheEnvironmentSaysIsLeftAsItIs() throws Exception {
        assertThat(settings("ACTIVE")).contains("OMP_WAIT_POLICY = 'ACTIVE'");
    }

    /** DJL itself loads PyTorch where a program used it first; nobody but the user can do something about it then. */
    @Test
    void aProgramThatLoadedPyTorchByItselfIsWarned() throws Exception {
        assertThat(settings(null, "first"))
                .contains(
                        "WARNING: OMP_WAIT_POLICY is not set and cannot be set here (PyTorch was loaded before imagerl)");
    }

    private static String settings(@Nullable String policy, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName());
        program.command().addAll(List.of(arguments));
        program.environment().remove("OMP_WAIT_POLICY");
        if (policy != null) {
            program.environment().put("OMP_WAIT_POLICY", policy);
        }
        program.environment().put("OMP_DISPLAY_ENV", "TRUE");
        Process process = program.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** Does no more than load the engine. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            if (arguments.length > 0) {
                System.out.println(Engine.getEngine("PyTorch").getVersion());
            }
            System.out.println(TorchEngine.get().getVersion());
        }
    }
}
