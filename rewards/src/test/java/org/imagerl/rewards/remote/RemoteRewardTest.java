package org.imagerl.rewards.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server of a few lines, which answers as it is asked to, and a reward that asks it. */
class RemoteRewardTest extends RewardContract {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});

    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer server;
    private volatile Behaviour behaviour = this::brightness;

    private interface Behaviour {
        void answer(HttpExchange exchange, JsonNode question) throws IOException;
    }

    RemoteRewardTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/health", exchange -> reply(exchange, 200, "{\"status\": \"ok\"}"));
        server.createContext("/compute", exchange -> {
            requests.incrementAndGet();
            behaviour.answer(exchange, new JsonMapper().readTree(exchange.getRequestBody()));
        });
        server.start();
    }

    @BeforeEach
    void behave() {
        behaviour = this::brightness;
        requests.set(0);
    }

    @AfterAll
    void stopServer() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void brightness(HttpExchange exchange, JsonNode question) throws IOException {
        List<Double> rewards = new ArrayList<>();
        for (JsonNode encoded : question.get("image")) {
            RgbImage image = ImageDecoder.decode(Base64.getDecoder().decode(encoded.stringValue()), "image");
            long sum = 0;
            for (byte value : image.rgb()) {
                sum += value & 0xff;
            }
            rewards.add((double) sum / image.rgb().length);
        }
        assertThat(question.get("prompt").size()).isEqualTo(rewards.size());
        reply(exchange, 200, "{\"rewards\": " + rewards + "}");
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private Reward reward(double timeoutSeconds, int retries) {
        RemoteConfig d = new RemoteFactory().defaults();
        return new RemoteFactory()
                .create(
                        new RemoteConfig(url(), timeoutSeconds, retries, 2, 2, 0.0, 255.0, true, d.unit(), null),
                        CONTEXT);
    }

    @Override
    protected Reward create() {
        return reward(30, 0);
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.gradient(20, 12), Prompt.of("0", "one")),
                new Example(TestImages.noise(8, 8, 1), Prompt.of("1", "two")),
                new Example(TestImages.text(30, 20, "x"), Prompt.of("2", "three")));
    }

    private Score one(double timeoutSeconds, int retries) {
        try (Reward reward = reward(timeoutSeconds, retries)) {
            return reward.score(List.of(TestImages.noise(4, 4, 1)), List.of(Prompt.of("", "x")))
                    .get(0);
        }
    }

    @Test
    void aServerThatHangsIsAFailureAfterTheTimeout() {
        behaviour = (exchange, question) -> await();
        Score score = one(0.3, 1);
        assertThat(score.ok()).isFalse();
        assertThat(score.error()).contains("no answer within 0.3 s").contains("after 2 attempts");
        behaviour = (exchange, question) -> { // headers, and then nothing more
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            await();
        };
        assertThat(one(0.3, 0).error()).contains("no answer within 0.3 s");
    }

    @Test
    void whoIsInterruptedIsNotAskedForPatience() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        behaviour = (exchange, question) -> {
            asked.countDown();
            await();
        };
        Thread scoring = Thread.currentThread();
        threads.execute(() -> {
            try {
                asked.await();
                scoring.interrupt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> one(3600, 5)).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(requests).hasValue(1);
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aWebPageIsNoAnswer() {
        behaviour = (exchange, question) -> reply(exchange, 200, "<html>Welcome</html>");
        assertThat(one(120, 3).error()).contains("no JSON object").contains("<html>Welcome");
        assertThat(requests).as("it would say the same again").hasValue(1);
    }

    @Test
    void theWrongNumberOfRewardsIsNoAnswer() {
        behaviour = (exchange, question) -> reply(exchange, 200, "{\"rewards\": [1, 2, 3]}");
        assertThat(one(120, 3).error()).contains("3 rewards for 1 images");
    }

    @Test
    void whatIsNoNumberIsAFailureOfThatImage() {
        behaviour = (exchange, question) ->
                reply(exchange, 200, "{\"rewards\": [null, 2], \"errors\": [\"too dark\", null]}");
        try (Reward reward = reward(120, 0)) {
            List<Score> scores = reward.score(
                    List.of(TestImages.noise(4, 4, 1), TestImages.noise(4, 4, 2)),
                    List.of(Prompt.of("", "x"), Prompt.of("", "y")));
            assertThat(scores.get(0).error()).isEqualTo("too dark");
            assertThat(scores.get(1).value()).isEqualTo(2);
        }
        behaviour = (exchange, question) -> reply(exchange, 200, "{\"rewards\": [NaN]}"); // as Python's json writes it
        assertThat(one(120, 0).error()).isEqualTo("the score is NaN");
        behaviour = (exchange, question) -> reply(exchange, 200, "{\"error\": \"out of memory\"}");
        assertThat(one(120, 0).error()).contains("out of memory");
    }

    @Test
    void aRewardBeyondAllMeasureIsAFailureOfThatImage() {
        for (String number : List.of("1e300", "-1e300", "1e400", "Infinity", "3.5e38")) {
            behaviour = (exchange, question) -> reply(exchange, 200, "{\"rewards\": [" + number + "]}");
            assertThat(one(120, 0).error()).as(number).startsWith("the score is ");
        }
        behaviour = (exchange, question) -> reply(exchange, 200, "{\"rewards\": [\"1\"]}");
        assertThat(one(120, 0).ok()).as("a text is no number").isFalse();
    }

    @Test
    void theFieldsOfThePromptsAreSentAndNothingWhereThereAreNone() {
        List<String> extras = new ArrayList<>();
        behaviour = (exchange, question) -> {
            extras.add(question.get("extra").toString());
            reply(exchange, 200, "{\"rewards\": [1, 2]}");
        };
        try (Reward reward = reward(120, 0)) {
            List<RgbImage> images = List.of(TestImages.noise(4, 4, 1), TestImages.noise(4, 4, 2));
            reward.score(
                    images, List.of(Prompt.of("", "x"), new Prompt("1", "y", Map.of("text", "OPEN", "count", "2"))));
            reward.score(images, List.of(Prompt.of("", "x"), Prompt.of("", "y")));
        }
        assertThat(extras).containsExactly("{\"metadata\":[{},{\"count\":\"2\",\"text\":\"OPEN\"}]}", "{}");
    }

    @Test
    void aServerThatRecoversIsAskedAgain() {
        behaviour = (exchange, question) -> {
            if (requests.get() == 1) {
                reply(exchange, 503, "{\"error\": \"busy\"}");
            } else {
                brightness(exchange, question);
            }
        };
        assertThat(one(120, 1).value()).isCloseTo(127, within(60.0));
        assertThat(requests).hasValue(2);
    }

    @Test
    void anAnswerWithoutEndIsCutOff() {
        behaviour = (exchange, question) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[1 << 16];
            for (int i = 0; i < 64; i++) {
                exchange.getResponseBody().write(block);
            }
            exchange.close();
        };
        assertThat(one(120, 0).error()).contains("more than 1048576 bytes");
    }

    @Test
    void nobodyThereAndNoAddressAreSaidAtOnce() {
        RemoteConfig d = new RemoteFactory().defaults();
        RemoteConfig nobody = new RemoteConfig("http://127.0.0.1:1", 5, 0, 1, 1, null, null, true, d.unit(), null);
        assertThatThrownBy(() -> new RemoteFactory().create(nobody, CONTEXT))
                .hasMessageContaining("http://127.0.0.1:1")
                .hasMessageContaining("/health");
        RemoteConfig file = new RemoteConfig("file:///etc/passwd", 5, 0, 1, 1, null, null, true, d.unit(), null);
        assertThatThrownBy(() -> new RemoteFactory().create(file, CONTEXT)).hasMessageContaining("http://127.0.0.1");
    }

    @Test
    void theTokenOfTheEnvironmentIsSent() {
        RemoteConfig d = new RemoteFactory().defaults();
        RemoteConfig config = new RemoteConfig(url(), 30, 0, 2, 2, 0.0, 255.0, true, d.unit(), "SCORER_TOKEN");
        behaviour = (exchange, question) -> reply(
                exchange,
                200,
                "Bearer s3cret".equals(exchange.getRequestHeaders().getFirst("Authorization"))
                        ? "{\"rewards\": [1]}"
                        : "{\"error\": \"no token\"}");
        RgbImage image = new RgbImage(1, 1, new byte[3]);
        try (Reward reward =
                new RemoteFactory(name -> name.equals("SCORER_TOKEN") ? "s3cret\n" : null).create(config, CONTEXT)) {
            assertThat(reward.score(List.of(image), List.of(Prompt.of("a", "a")))
                            .get(0)
                            .value())
                    .isEqualTo(1);
        }
        try (Reward reward = reward(30, 0)) {
            assertThat(reward.score(List.of(image), List.of(Prompt.of("a", "a")))
                            .get(0)
                            .error())
                    .contains("no token");
        }
    }

    @Test
    void aTokenThatIsNotThereIsSaidBeforeAnythingIsSent() {
        RemoteConfig d = new RemoteFactory().defaults();
        RemoteConfig config = new RemoteConfig(url(), 30, 0, 2, 2, 0.0, 255.0, true, d.unit(), "SCORER_TOKEN");
        assertThatThrownBy(() -> new RemoteFactory(name -> null).create(config, CONTEXT))
                .hasMessageContaining("token_variable")
                .hasMessageContaining("\"SCORER_TOKEN\"")
                .hasMessageContaining("is not set");
        assertThatThrownBy(() -> new RemoteFactory(name -> "a b").create(config, CONTEXT))
                .hasMessageContaining("has blanks")
                .hasMessageNotContaining("a b");
    }
}
