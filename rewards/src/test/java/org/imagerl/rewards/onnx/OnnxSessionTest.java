package org.imagerl.rewards.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.TimeLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The models with endless loops are {@code onnx.helper} graphs of a Loop with 2^63 - 1 rounds: of a cosine, and of nothing. */
final class OnnxSessionTest {
    private static final OnnxDevice CPU = new OnnxDevice(OnnxDevice.CPU);
    private static final Tensor IMAGE = new Tensor(new float[3 * 8 * 8], new long[] {1, 3, 8, 8});

    @Test
    void namesAFileThatIsNoModel() {
        assertThatThrownBy(() -> OnnxSession.load("bad.onnx", new byte[] {1, 2, 3}, CPU, 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("bad.onnx");
    }

    @ParameterizedTest
    @ValueSource(strings = {"endless-loop", "endless-loop-of-nothing"})
    void endsALoopThatNeverEndsWhenItsTimeIsOver(String model) throws IOException {
        try (OnnxSession session = open(model)) {
            assertThatThrownBy(() -> TimeLimit.within(Duration.ofMillis(200), () -> score(session)))
                    .cause()
                    .isInstanceOf(OrtException.class)
                    .hasMessageContaining("after 0.2 s")
                    .hasMessageContaining("time_limit_s");
        }
    }

    @Test
    void closesOnlyWhenNoRunIsInFlight() throws Exception {
        OnnxSession session = open("endless-loop");
        int threads = 3;
        CountDownLatch begun = new CountDownLatch(threads);
        List<CompletableFuture<Throwable>> runs = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            runs.add(CompletableFuture.supplyAsync(() -> {
                begun.countDown();
                return failure(session);
            }));
        }
        begun.await(30, TimeUnit.SECONDS);
        session.close();
        for (CompletableFuture<Throwable> run : runs) {
            assertThat(run.get(30, TimeUnit.SECONDS)).isNotNull();
        }
        assertThatThrownBy(() -> session.run(IMAGE)).isInstanceOf(CancellationException.class);
    }

    private static Throwable failure(OnnxSession session) {
        try {
            session.run(IMAGE);
            return null;
        } catch (OrtException | CancellationException e) {
            return e;
        }
    }

    private static Tensor score(OnnxSession session) {
        try {
            return session.run(IMAGE);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OnnxSession open(String model) throws IOException {
        try (InputStream in = OnnxSessionTest.class.getResourceAsStream(model + ".onnx")) {
            return OnnxSession.load(model, Objects.requireNonNull(in).readAllBytes(), CPU, 1);
        }
    }
}
