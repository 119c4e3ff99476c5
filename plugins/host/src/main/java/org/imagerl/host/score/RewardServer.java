package org.imagerl.host.score;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serves rewards to trainers in other languages: {@code GET /health}, {@code POST /compute} (the weighted sum) and {@code POST
 * /compute/NAME} (one reward) with {@code {"prompt": [..], "image": [picture in base64, ..]}}, answered with {@code {"rewards": [..]}};
 * {@code {"extra": {"metadata": [{..}, ..]}}} has the other fields of the prompts, one object each;
 * a picture without a score is null there and has its reason under {@code errors}. The protocol is Flow-Factory's.
 *
 * <p>Requests are bounded in size and number; those beyond are refused with status 503 at once.
 */
public final class RewardServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int BACKLOG = 64;
    private static final String COMPUTE = "/compute";

    private final HttpServer server;
    private final ExecutorService threads;
    private final WeightedRewards rewards;
    private final Limits limits;
    private final Semaphore places;

    /**
     * What a stranger may ask for.
     *
     * @param requestBytes of one request
     * @param concurrency requests that are scored at a time
     */
    public record Limits(long requestBytes, int concurrency) {}

    /** A request that is refused: the status and the reason. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refusal(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private RewardServer(HttpServer server, WeightedRewards rewards, Limits limits) {
        this.server = server;
        this.rewards = rewards;
        this.limits = limits;
        this.places = new Semaphore(limits.concurrency);
        this.threads = Executors.newFixedThreadPool(2 * limits.concurrency + 2, task -> {
            Thread thread = new Thread(task, "reward-server");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Begins to serve.
     *
     * @param rewards that are served; the caller closes them after this
     * @throws UserException if the address cannot be used
     */
    public static RewardServer start(InetSocketAddress address, WeightedRewards rewards, Limits limits) {
        try {
            RewardServer server = new RewardServer(HttpServer.create(address, BACKLOG), rewards, limits);
            server.server.createContext("/health", server::health);
            server.server.createContext(COMPUTE, server::compute);
            server.server.setExecutor(server.threads);
            server.server.start();
            return server;
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    address + ": cannot be served on: " + e.getMessage() + "; name another --port",
                    e);
        }
    }

    /** Where it serves. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void health(HttpExchange exchange) throws IOException {
        ObjectNode answer = JSON.createObjectNode().put("status", "ok");
        ArrayNode names = answer.putArray("rewards");
        rewards.entries().forEach(entry -> names.add(entry.name()));
        reply(exchange, 200, answer);
    }

    private void compute(HttpExchange exchange) throws IOException {
        if (!places.tryAcquire()) {
            reply(exchange, 503, error("busy with " + limits.concurrency + " requests; try again"));
            return;
        }
        try {
            reply(exchange, 200, answer(exchange));
        } catch (Refusal e) {
            reply(exchange, e.status, error(String.valueOf(e.getMessage())));
        } catch (OutOfMemoryError e) { // of this request; the others go on
            reply(exchange, 500, error("memory ran out; send fewer or smaller images"));
        } catch (RuntimeException e) {
            reply(exchange, 500, error("internal error: " + e));
        } finally {
            places.release();
        }
    }

    private ObjectNode answer(HttpExchange exchange) throws IOException, Refusal {
        if (!exchange.getRequestMethod().equals("POST")) {
            throw new Refusal(405, "use POST");
        }
        List<WeightedRewards.Entry> asked = asked(exchange.getRequestURI().getPath());
        JsonNode question = question(exchange);
        List<Prompt> prompts = new ArrayList<>();
        List<RgbImage> images = new ArrayList<>();
        JsonNode texts = list(question, "prompt");
        JsonNode pictures = list(question, "image");
        if (texts.size() != pictures.size()) {
            throw new Refusal(
                    400, texts.size() + " prompts for " + pictures.size() + " pictures; they must be as many");
        }
        for (int i = 0; i < texts.size(); i++) {
            if (!texts.get(i).isString()) {
                throw new Refusal(400, "prompt " + i + " is no text");
            }
            String text = texts.get(i).stringValue();
            prompts.add(new Prompt(text, text, metadata(question, i, texts.size())));
            images.add(picture(pictures.get(i), i));
        }
        return answer(rewards.score(asked, images, prompts));
    }

    private List<WeightedRewards.Entry> asked(String path) throws Refusal {
        String name = path.substring(COMPUTE.length()).replaceFirst("^/", "");
        List<WeightedRewards.Entry> asked = rewards.entries().stream()
                .filter(entry -> name.isEmpty() || entry.name().equals(name))
                .toList();
        if (asked.isEmpty()) {
            List<String> names =
                    rewards.entries().stream().map(WeightedRewards.Entry::name).toList();
            throw new Refusal(404, "there is no reward " + name + "; there are " + names);
        }
        return asked;
    }

    private JsonNode question(HttpExchange exchange) throws IOException, Refusal {
        byte[] body;
        try (InputStream in = exchange.getRequestBody()) {
            body = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 16, limits.requestBytes + 1));
            if (body.length > limits.requestBytes) {
                throw new Refusal(
                        413, "the request has more than " + limits.requestBytes + " bytes; send fewer pictures");
            }
        }
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException e) {
            throw new Refusal(400, "the request is no JSON: " + e.getOriginalMessage());
        }
        throw new Refusal(400, "the request is no JSON object");
    }

    private static JsonNode list(JsonNode question, String key) throws Refusal {
        JsonNode list = question.path(key);
        if (!list.isArray() || list.isEmpty()) {
            throw new Refusal(400, key + " must be a list of at least one");
        }
        return list;
    }

    /** The other fields of a prompt, {@code extra.metadata[index]}; none if they are not sent. */
    private static Map<String, String> metadata(JsonNode question, int index, int count) throws Refusal {
        JsonNode all = question.path("extra").path("metadata");
        if (all.isMissingNode() || all.isNull()) {
            return Map.of();
        }
        if (!all.isArray() || all.size() != count) {
            throw new Refusal(400, "extra.metadata must be a list of " + count + " objects, one per prompt");
        }
        JsonNode own = all.get(index);
        if (!own.isObject() && !own.isNull()) {
            throw new Refusal(400, "extra.metadata[" + index + "] must be an object of texts, or null");
        }
        Map<String, String> fields = new HashMap<>();
        for (String key : own.propertyNames()) {
            JsonNode value = own.get(key);
            if (!value.isNull()) {
                fields.put(key, value.isValueNode() ? value.asString() : value.toString());
            }
        }
        return fields;
    }

    private static RgbImage picture(JsonNode node, int index) throws Refusal {
        try {
            String text = node.isString() ? node.stringValue().replaceFirst("^data:image/[a-z]+;base64,", "") : "";
            return ImageDecoder.decode(Base64.getMimeDecoder().decode(text), "picture " + index);
        } catch (IllegalArgumentException | UserException e) {
            throw new Refusal(400, "picture " + index + " cannot be read: " + e.getMessage());
        }
    }

    private static ObjectNode answer(RewardTable table) {
        ObjectNode answer = JSON.createObjectNode();
        double[] totals = table.columns().size() == 1 ? table.columns().get(0).values() : table.totals();
        ArrayNode sums = answer.putArray("rewards");
        ArrayNode errors = answer.putArray("errors");
        for (int i = 0; i < totals.length; i++) {
            int row = i;
            List<String> reasons = table.columns().stream()
                    .filter(column -> !column.scores().get(row).ok())
                    .map(column ->
                            column.name() + ": " + column.scores().get(row).error())
                    .toList();
            put(sums, totals[i]);
            if (reasons.isEmpty()) {
                errors.addNull();
            } else {
                errors.add(String.join("; ", reasons));
            }
        }
        ObjectNode byReward = answer.putObject("by_reward");
        for (RewardTable.Column column : table.columns()) {
            ArrayNode values = byReward.putArray(column.name());
            for (double value : column.values()) {
                put(values, value);
            }
        }
        return answer;
    }

    private static void put(ArrayNode array, double value) {
        if (Double.isNaN(value)) {
            array.addNull();
        } else {
            array.add(value);
        }
    }

    private static ObjectNode error(String reason) {
        return JSON.createObjectNode().put("error", reason);
    }

    private static void reply(HttpExchange exchange, int status, ObjectNode answer) throws IOException {
        byte[] body = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
        exchange.close();
    }

    /** Ends after the requests that are being answered, or a second. */
    @Override
    public void close() {
        server.stop(1);
        threads.shutdownNow();
    }
}
