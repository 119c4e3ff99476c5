package org.imagerl.rewards.remote;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.HttpExchange;
import org.imagerl.spi.text.Quote;
import org.imagerl.spi.work.Workers;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a server for scores: {@code POST /compute} with {@code {"prompt": [..], "image": [PNG in base64, ..]}}, answered
 * with {@code {"rewards": [..]}} or {@code {"error": ".."}}. What goes wrong is a failed score with its reason, never a
 * zero.
 *
 * <p>Source: Flow-Factory's reward server protocol. Of its fields {@code video}, {@code condition_images},
 * {@code condition_videos} are sent as null, and {@code extra} has the {@code metadata} of the prompts:
 * {@code [{"text": "OPEN"}, ..]}. Departure: a null among the rewards, with its reason under {@code errors}, is one
 * image that could not be scored.
 */
final class RemoteReward implements Reward {
    /** Python writes NaN and Infinity: failures of those images, not of the whole answer. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int HEALTH_SECONDS = 10;
    private static final int ANSWER_BYTES = 1 << 20;

    private final RemoteConfig config;

    @Nullable
    private final String token;

    private final RetryPolicy<List<Score>> again;
    private final Workers workers;
    private final HttpExchange exchange = new HttpExchange("remote-reward", CONNECT);

    /** @param token that every request sends; none if null */
    RemoteReward(RemoteConfig config, @Nullable String token) {
        this.config = config;
        this.token = token;
        this.again = RetryPolicy.<List<Score>>builder()
                .handleIf(e -> e instanceof Failure failure && failure.again())
                .withMaxRetries(config.retries())
                .withBackoff(Duration.ofMillis(250), Duration.ofSeconds(32))
                .build();
        this.workers = new Workers(config.workers(), "remote-reward");
    }

    /**
     * Makes sure that the server answers.
     *
     * @throws UserException if not
     */
    void requireHealth() {
        try {
            HttpExchange.Answer answer = send(request("/health").build(), HEALTH_SECONDS);
            if (answer.status() / 100 != 2) {
                throw new Failure("it answers with status " + answer.status() + remedy(answer.status()), false);
            }
        } catch (Failure e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "reward server " + config.url() + ": GET /health fails: " + e.getMessage()
                            + "; start it, or correct the url",
                    e);
        }
    }

    private String remedy(int status) {
        if (status != 401 && status != 403) {
            return "";
        }
        return token == null
                ? " and may want a token: name the environment variable that has it as token_variable"
                : " to the token in " + config.tokenVariable();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(config.end(path));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    @Override
    public Spec spec() {
        Double min = config.min();
        Double max = config.max();
        return new Spec(
                Scope.POINTWISE,
                min == null ? Double.NEGATIVE_INFINITY : min,
                max == null ? Double.POSITIVE_INFINITY : max,
                config.higherIsBetter(),
                config.unit());
    }

    @Override
    public Map<String, String> facts() {
        return Map.of("server", config.url());
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        int batches = (images.size() + config.batchSize() - 1) / config.batchSize();
        List<List<Score>> parts = workers.map(batches, i -> {
            int from = i * config.batchSize();
            int to = Math.min(images.size(), from + config.batchSize());
            return batch(images.subList(from, to), prompts.subList(from, to));
        });
        return parts.stream().flatMap(List::stream).toList();
    }

    private List<Score> batch(List<RgbImage> images, List<Prompt> prompts) {
        HttpRequest request = request("/compute")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(question(images, prompts))))
                .build();
        try {
            return Failsafe.with(again).get(() -> scores(send(request, config.timeoutSeconds()), images.size()));
        } catch (Failure e) {
            int attempts = e.again() ? config.retries() + 1 : 1;
            return Collections.nCopies(
                    images.size(),
                    Score.failed("reward server " + config.url() + ": " + e.getMessage()
                            + (attempts == 1 ? "" : " (after " + attempts + " attempts)")));
        } catch (FailsafeException e) {
            throw interrupted();
        }
    }

    private static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("interrupted while waiting for a reward server");
    }

    private static ObjectNode question(List<RgbImage> images, List<Prompt> prompts) {
        ObjectNode question = JSON.createObjectNode();
        ArrayNode texts = question.putArray("prompt");
        prompts.forEach(prompt -> texts.add(prompt.text()));
        ArrayNode encoded = question.putArray("image");
        images.forEach(image -> encoded.add(Base64.getEncoder().encodeToString(PngWriter.encode(image, Map.of()))));
        question.putNull("video").putNull("condition_images").putNull("condition_videos");
        putMetadata(question.putObject("extra"), prompts);
        return question;
    }

    /** {@code metadata}: an object per image, the other fields of its prompt; nothing where no prompt has any, as other servers expect it. */
    private static void putMetadata(ObjectNode extra, List<Prompt> prompts) {
        if (prompts.stream().allMatch(prompt -> prompt.metadata().isEmpty())) {
            return;
        }
        ArrayNode all = extra.putArray("metadata");
        for (Prompt prompt : prompts) {
            ObjectNode own = all.addObject();
            new TreeMap<>(prompt.metadata()).forEach(own::put);
        }
    }

    private HttpExchange.Answer send(HttpRequest request, double seconds) {
        try {
            return exchange.send(request, Duration.ofMillis((long) (1000 * seconds)), ANSWER_BYTES);
        } catch (IOException e) {
            throw new Failure(HttpExchange.reason(e), true);
        }
    }

    private static List<Score> scores(HttpExchange.Answer answer, int count) {
        boolean ok = answer.status() / 100 == 2;
        if (answer.cut()) {
            throw new Failure("answers with more than " + ANSWER_BYTES + " bytes", false);
        }
        JsonNode json = json(answer);
        if (json.path("error").isString()) {
            throw new Failure(Quote.of(json.get("error").stringValue()), answer.status() / 100 == 5);
        }
        JsonNode rewards = json.path("rewards");
        if (!ok || !rewards.isArray()) {
            throw new Failure(
                    "answers with status " + answer.status() + " and no list of rewards: "
                            + Failure.excerpt(answer.body()),
                    answer.status() / 100 == 5);
        }
        if (rewards.size() != count) {
            throw new Failure("answers with " + rewards.size() + " rewards for " + count + " images", false);
        }
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String error = Quote.plain(json.path("errors").path(i).asString("no reward for this image"));
            JsonNode reward = rewards.get(i);
            scores.add(reward.isNumber() ? Score.of(reward.doubleValue()) : Score.failed(error));
        }
        return scores;
    }

    private static JsonNode json(HttpExchange.Answer answer) {
        try {
            JsonNode json = JSON.readTree(answer.body());
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException e) {
            // said below, with what came instead
        }
        throw new Failure(
                "answers with status " + answer.status() + " and no JSON object: " + Failure.excerpt(answer.body()),
                answer.status() / 100 == 5);
    }

    @Override
    public void close() {
        workers.close();
        exchange.close();
    }
}
