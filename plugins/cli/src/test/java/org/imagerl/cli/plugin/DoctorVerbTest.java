package org.imagerl.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.imagerl.cli.Run;
import org.imagerl.cli.console.Finding;
import org.junit.jupiter.api.Test;

class DoctorVerbTest {

    @Test
    void everyThingThatIsNeededIsALine() {
        Run run = Run.of("doctor");
        assertThat(run.out())
                .contains("java ", "memory ", "disk ", "fonts ", "gpu ", "plugins ", "caches ")
                .containsPattern("ok +engine +PyTorch .* computes")
                .containsPattern("ok +tokenizers ")
                .containsPattern("ok +telemetry +none ")
                .containsPattern("ok +reward +ocr loads");
        assertThat(run.code()).isZero();
    }

    @Test
    void whatIsNotRightComesWithARemedy() {
        StringWriter out = new StringWriter();
        Finding.broken(
                        "engine",
                        new IllegalStateException("x", new UnsatisfiedLinkError("libgomp.so\nmore")),
                        "install it")
                .print(new PrintWriter(out));
        assertThat(out.toString().lines().toList())
                .containsExactly(
                        "BROKEN   engine       UnsatisfiedLinkError: libgomp.so",
                        "                      -> install it");
    }
}
