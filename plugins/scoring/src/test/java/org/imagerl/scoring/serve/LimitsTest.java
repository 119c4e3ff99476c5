package org.imagerl.scoring.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.http.Refusal;
import org.junit.jupiter.api.Test;

/** What one client cannot take from the others. */
class LimitsTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofMinutes(10);

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new CancellationException("interrupted");
        }
    }

    /** As a model does that cannot be asked to end. */
    private static void awaitThroughInterrupts(CountDownLatch latch) {
        boolean over = false;
        while (!over) {
            try {
                latch.await();
                over = true;
            } catch (InterruptedException e) {
                // goes on
            }
        }
    }

    private static void served(Wire wire) throws IOException {
        assertThat(wire.talk(Wire.post(Wire.question(1, 1)))).contains("\"rewards\":[0.5]");
    }

    @Test
    void othersAreServedBesideSlowSendersAndReaders() throws IOException {
        String request = Wire.post(Wire.question(64, 64)).replace("Connection: close\r\n", "");
        List<Socket> slow = new ArrayList<>();
        try (Wire wire = new Wire(Wire.LIMITS)) {
            for (int i = 0; i < 64; i++) {
                Socket socket = wire.connect();
                slow.add(socket);
                // no headers, half of them, half of the body; or whole requests whose answers nobody reads
                Wire.send(
                        socket,
                        i % 4 == 3
                                ? Wire.get("/health").repeat(3)
                                : request.substring(0, i % 4 * request.length() / 4));
            }
            served(wire);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void aBodyThatDoesNotEndIsGivenUp() throws IOException {
        try (Wire wire = new Wire(Wire.LIMITS.with(1 << 20, SHORT, LONG));
                Socket socket = wire.connect()) {
            Wire.send(socket, Wire.post(" ".repeat(1000)).substring(0, 900));
            assertThat(Wire.rest(socket)).startsWith("HTTP/1.1 408").contains("not sent within 0.2 s");
            wire.awaitNoBodies();
            served(wire);
        }
    }

    @Test
    void headersThatDripAreGivenUp() throws IOException {
        try (Wire wire = new Wire(Wire.LIMITS.withIdle(SHORT));
                Socket socket = wire.connect()) {
            Wire.send(socket, "GET /health HTTP/1.1\r\nHost: localhost\r\nX: ");
            socket.setSoTimeout(20);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) { // never silent for as long as the limit
                            Wire.send(socket, "x");
                            try {
                                if (socket.getInputStream().read() < 0) {
                                    throw new IOException("closed");
                                }
                            } catch (java.net.SocketTimeoutException e) {
                                // still open
                            }
                        }
                    })
                    .isInstanceOf(IOException.class);
            served(wire);
        }
    }

    @Test
    void requestsBeyondTheNumberAndTheQueueAreRefusedAtOnce() throws IOException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (Wire wire = new Wire(ServerLimits.of(1 << 16, 1).withWaiting(1), Access.open(List.of()), prompt -> {
                    begun.countDown();
                    await(end);
                    return 0.5;
                });
                Socket first = wire.connect();
                Socket second = wire.connect()) {
            Wire.send(first, Wire.post(Wire.question(1, 1)));
            await(begun);
            Wire.send(second, Wire.post(Wire.question(1, 1)));
            wire.awaitActive(2);
            assertThat(wire.talk(Wire.post(Wire.question(1, 1))))
                    .startsWith("HTTP/1.1 503")
                    .contains("Retry-After: 1")
                    .contains("busy with 1 requests, and 1 wait");
            end.countDown();
            assertThat(Wire.rest(first)).contains("\"rewards\":[0.5]");
            assertThat(Wire.rest(second)).contains("\"rewards\":[0.5]");
        }
    }

    @Test
    void aRequestThatWaitsTooLongIsAnsweredAndForgotten() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        ServerLimits limits = ServerLimits.of(1 << 16, 1).withWaiting(1).with(1 << 20, LONG, SHORT);
        try (Wire wire = new Wire(limits, Access.open(List.of()), prompt -> {
                    calls.incrementAndGet();
                    begun.countDown();
                    awaitThroughInterrupts(end);
                    return 0.5;
                });
                Socket first = wire.connect()) {
            Wire.send(first, Wire.post(Wire.question(1, 1)));
            await(begun);
            assertThat(wire.talk(Wire.post(Wire.question(1, 1)))).contains("not scored within 0.2 s");
            wire.awaitNoBodies();
            end.countDown();
            Wire.rest(first);
        }
        assertThat(calls).as("the one that waited is not scored any more").hasValue(1);
    }

    @Test
    void aRequestThatIsScoredTooLongIsAnsweredAndItsPlaceIsFree() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        try (Wire wire =
                new Wire(ServerLimits.of(1 << 16, 1).with(1 << 20, LONG, SHORT), Access.open(List.of()), prompt -> {
                    if (calls.incrementAndGet() == 1) {
                        await(never);
                    }
                    return 0.5;
                })) {
            assertThat(wire.talk(Wire.post(Wire.question(1, 1))))
                    .startsWith("HTTP/1.1 503")
                    .contains("not scored within 0.2 s");
            String answer = wire.talk(Wire.post(Wire.question(1, 1)));
            for (int i = 0;
                    i < 1000 && answer.startsWith("HTTP/1.1 503");
                    i++) { // the thread is on its way out, or the machine is slow
                answer = wire.talk(Wire.post(Wire.question(1, 1)));
            }
            assertThat(answer).contains("\"rewards\":[0.5]");
        }
    }

    @Test
    void memoryThatRunsOutIsThatRequestsAlone() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        try (Wire wire = new Wire(Wire.LIMITS, Access.open(List.of()), prompt -> {
            if (calls.incrementAndGet() == 1) {
                throw new OutOfMemoryError("as if");
            }
            return 0.5;
        })) {
            assertThat(wire.talk(Wire.post(Wire.question(1, 1))))
                    .startsWith("HTTP/1.1 503")
                    .contains("memory ran out");
            served(wire);
        }
    }

    @Test
    void pixelsAreCountedBeforeTheyAreDecoded() throws IOException {
        try (Wire wire = new Wire(Wire.LIMITS.with(100, LONG, LONG))) {
            assertThat(wire.talk(Wire.post(Wire.question(11, 10))))
                    .startsWith("HTTP/1.1 413")
                    .contains("110 pixels");
            // the header of a PNG of 16000 x 16000, and nothing else
            byte[] bomb = Base64.getDecoder().decode("iVBORw0KGgoAAAANSUhEUgAAPoAAAD6ACAIAAAA=");
            String body =
                    "{\"prompt\": [\"a\"], \"image\": [\"" + Base64.getEncoder().encodeToString(bomb) + "\"]}";
            assertThat(wire.talk(Wire.post(body))).startsWith("HTTP/1.1 4").contains("image[0]");
            served(wire);
        }
    }

    @Test
    void closingWaitsForTheRequestThatIsAnswered() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Wire wire = new Wire(Wire.LIMITS, Access.open(List.of()), prompt -> {
            begun.countDown();
            await(end);
            return 0.5;
        });
        try (Socket socket = wire.connect()) {
            Wire.send(socket, Wire.post(Wire.question(1, 1)));
            await(begun);
            Thread closing = new Thread(wire::close);
            closing.start();
            end.countDown();
            assertThat(Wire.rest(socket)).contains("\"rewards\":[0.5]");
            closing.join();
        }
        assertThatThrownBy(wire::connect).isInstanceOf(IOException.class);
    }

    @Test
    void aShareOfTheMemoryIsGivenBackWhole() throws Exception {
        MemoryBudget budget = new MemoryBudget(100);
        MemoryBudget.Share late = budget.share();
        try (MemoryBudget.Share one = late;
                MemoryBudget.Share other = budget.share()) {
            one.grow(60);
            assertThatThrownBy(() -> other.grow(50)).hasMessageContaining("beside other requests");
            assertThatThrownBy(() -> other.grow(101)).hasMessageContaining("send fewer images");
            other.grow(40);
            assertThat(budget.taken()).isEqualTo(100);
        }
        assertThat(budget.taken()).isZero();
        assertThatThrownBy(() -> late.grow(1)).isInstanceOf(Refusal.class);
        assertThat(budget.taken()).isZero();
    }
}
