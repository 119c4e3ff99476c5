package org.imagerl.rewards.remote;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.Policy;
import dev.failsafe.RateLimitExceededException;
import dev.failsafe.RateLimiter;
import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.imagerl.spi.io.HttpExchange;
import org.imagerl.spi.work.TimeLimit;
import org.jspecify.annotations.Nullable;

/** Sends questions to {@code /chat/completions}: again where that may help, not more often than allowed, and within the time limit of the image. */
final class JudgeClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(64);
    private static final Duration LONGEST_TURN = Duration.ofDays(1);

    private final URI end;
    private final Duration timeout;

    @Nullable
    private final String token;

    /** The retries outside, so that each of them waits for its turn. */
    private final List<Policy<JudgeAnswer>> policies = new ArrayList<>();

    private final HttpExchange exchange = new HttpExchange("vlm-judge", CONNECT);

    JudgeClient(JudgeConfig config, @Nullable String token) {
        this.end = ServerAddress.end(config.url(), "/chat/completions");
        this.timeout = Duration.ofMillis((long) (1000 * config.timeoutSeconds()));
        this.token = token;
        policies.add(RetryPolicy.<JudgeAnswer>builder()
                .handleIf(e -> e instanceof Failure failure && failure.again())
                .withMaxRetries(config.retries())
                .withBackoff(Duration.ofMillis((long) Math.ceil(1000 * config.retrySeconds())), LONGEST_BACKOFF)
                .build());
        if (config.requestsPerMinute() > 0) {
            Duration apart = Duration.ofNanos((long) (60e9 / config.requestsPerMinute()));
            policies.add(RateLimiter.<JudgeAnswer>smoothBuilder(apart)
                    .withMaxWaitTime(LONGEST_TURN)
                    .build());
        }
    }

    /**
     * Asks a question.
     *
     * @param question the body of the request, JSON
     * @throws Failure with the reason why there is no answer
     * @throws CancellationException if this thread is interrupted
     */
    JudgeAnswer ask(String question) {
        HttpRequest.Builder request = HttpRequest.newBuilder(end)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpRequest built = request.build();
        try {
            return Failsafe.with(policies).get(() -> JudgeAnswer.of(send(built)));
        } catch (RateLimitExceededException e) {
            throw new Failure("requests_per_minute lets this request wait for more than a day", false);
        } catch (FailsafeException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for a judge");
        }
    }

    private HttpExchange.Answer send(HttpRequest request) {
        Duration left = TimeLimit.here().left();
        if (left.isZero()) {
            throw new Failure("no answer within the time limit of the image, " + TimeLimit.here(), false);
        }
        try {
            return exchange.send(request, left.compareTo(timeout) < 0 ? left : timeout, JudgeAnswer.MAX_BYTES);
        } catch (IOException e) {
            throw new Failure(HttpExchange.reason(e), true);
        }
    }

    @Override
    public void close() {
        exchange.close();
    }
}
