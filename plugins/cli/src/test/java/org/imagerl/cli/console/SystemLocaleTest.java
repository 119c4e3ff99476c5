package org.imagerl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SystemLocaleTest {

    @Test
    void utf8IsFineWhateverItIsCalled() {
        assertThatCode(() -> SystemLocale.check("Linux", "UTF-8", Map.of("LC_ALL", "de_DE.UTF-8")))
                .doesNotThrowAnyException();
        assertThatCode(() -> SystemLocale.check("Windows 11", "Cp1252", Map.of()))
                .doesNotThrowAnyException();
    }

    @Test
    void theVariableThatWinsIsNamed() {
        Map<String, String> environment = Map.of("LANG", "C.UTF-8", "LC_ALL", "en_US.UTF-8");
        assertThatThrownBy(() -> SystemLocale.check("Linux", "ANSI_X3.4-1968", environment))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the locale en_US.UTF-8 (LC_ALL) is not installed")
                .hasMessageContaining("LC_ALL=C.UTF-8");
        assertThatThrownBy(() -> SystemLocale.check("Linux", "ANSI_X3.4-1968", Map.of()))
                .hasMessageContaining("no locale is set");
    }

    @Test
    @DisabledOnOs({OS.WINDOWS, OS.MAC})
    void aProcessInALocaleThatIsNotInstalledRefusesBeforeAnythingRuns() throws IOException, InterruptedException {
        ProcessBuilder java = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "org.imagerl.cli.Main",
                "version"));
        java.environment().put("LC_ALL", "xx_XX.UTF-8");
        java.redirectErrorStream(true);
        Process process = java.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(3);
        assertThat(said)
                .contains("the locale xx_XX.UTF-8 (LC_ALL) is not installed")
                .doesNotContain("\tat ");
    }
}
