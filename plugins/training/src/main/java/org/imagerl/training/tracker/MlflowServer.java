package org.imagerl.training.tracker;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.HttpExchange;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tracking server of MLflow, by its REST API 2.0. As MLflow's own client, it sends the token in {@code MLFLOW_TRACKING_TOKEN}, or name
 * and password in {@code MLFLOW_TRACKING_USERNAME} and {@code MLFLOW_TRACKING_PASSWORD}, and nothing if there are none.
 */
final class MlflowServer implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration UPLOAD = Duration.ofSeconds(60);
    private static final int ANSWER_BYTES = 1 << 24;

    private final String url;
    private final @Nullable String authorization;
    private final HttpExchange exchange = new HttpExchange("mlflow", CONNECT);

    /** A server that is there and does not do what it is asked for; any other exception says that none answers. */
    static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;
        private final String code;

        Refusal(String code, String message) {
            super(message);
            this.code = code;
        }

        /** Whether what was asked for is not there. */
        boolean isMissing() {
            return code.equals("RESOURCE_DOES_NOT_EXIST");
        }
    }

    /**
     * Sends nothing yet.
     *
     * @param url without a slash at its end
     * @param environment gives the value of a variable, or null
     */
    MlflowServer(String url, UnaryOperator<@Nullable String> environment) {
        this.url = url;
        this.authorization = authorization(environment);
    }

    private static @Nullable String authorization(UnaryOperator<@Nullable String> environment) {
        String token = environment.apply("MLFLOW_TRACKING_TOKEN");
        String name = environment.apply("MLFLOW_TRACKING_USERNAME");
        String password = environment.apply("MLFLOW_TRACKING_PASSWORD");
        if (name != null && password != null) {
            byte[] both = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(both);
        }
        if (token != null && !token.strip().matches("[!-~]+")) {
            throw UserException.input(
                    "the environment variable MLFLOW_TRACKING_TOKEN is empty or has blanks or characters"
                            + " beyond ASCII, as no token has; export the token again, or unset the variable");
        }
        return token == null ? null : "Bearer " + token.strip();
    }

    /** The address. */
    String url() {
        return url;
    }

    /**
     * Asks for something.
     *
     * @param call as in {@code runs/get}
     * @param key of the only parameter
     * @param value of it
     */
    ObjectNode get(String call, String key, String value) throws IOException {
        String query = "?" + key + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
        return send(request("/api/2.0/mlflow/" + call + query).GET().build(), ANSWER);
    }

    /** Asks for a change. */
    ObjectNode post(String call, ObjectNode body) throws IOException {
        return send(
                request("/api/2.0/mlflow/" + call)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(StrictJson.compact(body)))
                        .build(),
                ANSWER);
    }

    /**
     * Stores a file through the server, in place of one of the same path.
     *
     * @param path below the root of all artifacts
     */
    void put(String path, byte[] content) throws IOException {
        String encoded = Arrays.stream(path.split("/", -1))
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
        answer(
                request("/api/2.0/mlflow-artifacts/artifacts/" + encoded)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(content))
                        .build(),
                UPLOAD);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
        return authorization == null ? request : request.header("Authorization", authorization);
    }

    private ObjectNode send(HttpRequest request, Duration limit) throws IOException {
        return object(asked(request), answer(request, limit));
    }

    private static String asked(HttpRequest request) {
        return request.method() + " " + request.uri().getPath();
    }

    /** The answer of a server that did what it was asked for. */
    private HttpExchange.Answer answer(HttpRequest request, Duration limit) throws IOException {
        HttpExchange.Answer answer;
        try {
            answer = exchange.send(request, limit, ANSWER_BYTES);
        } catch (IOException e) {
            throw new IOException(HttpExchange.reason(e), e);
        }
        if (answer.status() / 100 == 2) {
            return answer;
        }
        String code = "";
        String message = text(answer);
        if (message.startsWith("{")) {
            ObjectNode error = object(asked(request), answer);
            code = error.path("error_code").asString("");
            message = error.path("message").asString("");
        }
        throw new Refusal(
                code,
                "answers " + asked(request) + " with status " + answer.status() + " " + Quote.of(message)
                        + remedy(answer.status()));
    }

    private static String text(HttpExchange.Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8).strip();
    }

    private String remedy(int status) {
        return status == 401 || status == 403
                ? " (is the token in MLFLOW_TRACKING_TOKEN, or the name and password in MLFLOW_TRACKING_USERNAME and"
                        + " MLFLOW_TRACKING_PASSWORD, right?)"
                : "";
    }

    private static ObjectNode object(String asked, HttpExchange.Answer answer) throws IOException {
        try {
            if (!answer.cut()) {
                return StrictJson.object(asked, text(answer));
            }
        } catch (UserException e) {
            throw new Refusal("", "is no tracking server of MLflow: " + e.getMessage());
        }
        throw new Refusal("", "is no tracking server of MLflow: " + asked + ": more than " + ANSWER_BYTES + " bytes");
    }

    @Override
    public void close() {
        exchange.close();
    }
}
