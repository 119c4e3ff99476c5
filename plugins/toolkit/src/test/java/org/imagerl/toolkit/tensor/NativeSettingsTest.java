package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What PyTorch's OpenMP library says of itself as it is loaded, in a program that no launcher has started. */
@EnabledOnOs(OS.LINUX)
class NativeSettingsTest {
    @Test
    void aProgramWithoutLauncherHasThreadsThatSleep() throws Exception {
        assertThat(settings(null)).contains("OMP_WAIT_POLICY = 'PASSIVE'");
    }

    @Test
    void whatTheEnvironmentSaysIsLeftAsItIs() throws Exception {
        assertThat(settings("ACTIVE")).contains("OMP_WAIT_POLICY = 'ACTIVE'");
    }

    private static String settings(@Nullable String policy) throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName());
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
            System.out.println(TorchEngine.get().getVersion());
        }
    }
}
