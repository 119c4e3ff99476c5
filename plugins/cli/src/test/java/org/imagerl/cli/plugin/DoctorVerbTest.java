package org.imagerl.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.imagerl.cli.Run;
import org.imagerl.cli.console.Finding;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.reward.Rewards;
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
    void rewardsThatComputeWithPyTorchDoNotRepeatThatItDoesNotLoad() {
        record None() {}
        Factory<Reward, None> factory = Rewards.factory("x", "A reward.", new None(), none -> {
            throw new IllegalStateException(new EngineException("no PyTorch"));
        });
        Finding finding = NativeChecks.reward("x", factory, new Context(Path.of(""), "cpu", 1, line -> {}));
        assertThat(finding.status()).isEqualTo(Finding.Status.WARNING);
        assertThat(finding.found()).isEqualTo("x was not tried, because it computes with PyTorch");
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
