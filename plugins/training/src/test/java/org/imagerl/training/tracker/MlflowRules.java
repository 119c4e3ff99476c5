package org.imagerl.training.tracker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.imagerl.spi.io.StrictJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tracking server that lives in memory and has the rules of MLflow's REST API that a client can break: names, lengths and numbers of
 * metrics and settings, settings that never change, and every value that is sent is kept, one that is sent twice too.
 */
final class MlflowRules implements AutoCloseable {
    final Map<String, Run> runs = new ConcurrentSkipListMap<>();
    final Map<String, byte[]> files = new ConcurrentSkipListMap<>();
    final List<String> authorizations = new ArrayList<>();
    final List<String> experiments = new ArrayList<>();
    volatile boolean silent;
    volatile boolean losesAnswers;
    volatile boolean takesFiles = true;
    private final HttpServer server;

    /** What the server knows of a run. */
    static final class Run {
        final Map<String, List<String>> metrics = new TreeMap<>();
        final Map<String, String> params = new TreeMap<>();
        String status = "RUNNING";
        String name = "";
    }

    /** A request that breaks a rule. */
    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final int status;
        final String code;

        Broken(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    MlflowRules() throws IOException {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else answers wait for 40 ms
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (silent) {
            exchange.close();
            return;
        }
        authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        int status = 200;
        ObjectNode answer;
        try {
            answer =
                    answer(exchange.getRequestMethod(), exchange.getRequestURI().getPath(), query(exchange), body);
        } catch (Broken e) {
            status = e.status;
            answer = StrictJson.newObject().put("error_code", e.code).put("message", e.getMessage());
        }
        if (losesAnswers) {
            exchange.close();
            return;
        }
        boolean file = exchange.getRequestMethod().equals("PUT") && status == 200; // which is answered by no object
        byte[] text = (file ? "[]" : StrictJson.compact(answer)).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    private static @Nullable String query(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        return query == null
                ? null
                : URLDecoder.decode(query.substring(query.indexOf('=') + 1), StandardCharsets.UTF_8);
    }

    private ObjectNode answer(String method, String path, @Nullable String query, byte[] body) {
        String stored = "/api/2.0/mlflow-artifacts/artifacts/";
        if (method.equals("PUT") && path.startsWith(stored)) {
            check(takesFiles, "INTERNAL_ERROR", "no place for artifacts");
            files.put(path.substring(stored.length()), body);
            return StrictJson.newObject();
        }
        ObjectNode json = method.equals("POST")
                ? StrictJson.object("request", new String(body, StandardCharsets.UTF_8))
                : StrictJson.newObject();
        return switch (path.replace("/api/2.0/mlflow/", "")) {
            case "experiments/get-by-name" -> experiment(experiments.indexOf(query));
            case "experiments/create" -> {
                experiments.add(json.path("name").asString());
                yield StrictJson.newObject().put("experiment_id", "" + (experiments.size() - 1));
            }
            case "runs/create" -> create(json);
            case "runs/get" -> get(String.valueOf(query));
            case "runs/log-batch" -> log(run(json.path("run_id").asString()), json);
            case "runs/update" -> {
                run(json.path("run_id").asString()).status = json.path("status").asString();
                yield StrictJson.newObject();
            }
            default -> throw new Broken(404, "ENDPOINT_NOT_FOUND", path);
        };
    }

    private static void check(boolean holds, String code, String message) {
        if (!holds) {
            throw new Broken(code.equals("INTERNAL_ERROR") ? 500 : 400, code, message);
        }
    }

    private static ObjectNode experiment(int index) {
        if (index < 0) {
            throw new Broken(404, "RESOURCE_DOES_NOT_EXIST", "no experiment of this name");
        }
        ObjectNode answer = StrictJson.newObject();
        answer.putObject("experiment").put("experiment_id", "" + index);
        return answer;
    }

    private ObjectNode create(JsonNode json) {
        String id = "run" + runs.size();
        Run run = new Run();
        run.name = json.path("run_name").asString();
        runs.put(id, run);
        ObjectNode answer = StrictJson.newObject();
        answer.putObject("run")
                .putObject("info")
                .put("run_id", id)
                .put(
                        "artifact_uri",
                        "mlflow-artifacts:/" + json.path("experiment_id").asString() + "/" + id + "/artifacts");
        return answer;
    }

    private Run run(String id) {
        Run run = runs.get(id);
        if (run == null) {
            throw new Broken(404, "RESOURCE_DOES_NOT_EXIST", "Run with id=" + id + " not found");
        }
        return run;
    }

    private ObjectNode get(String id) {
        ObjectNode answer = StrictJson.newObject();
        ArrayNode metrics = answer.putObject("run").putObject("data").putArray("metrics");
        run(id).metrics.forEach((key, points) -> {
            String[] last = points.get(points.size() - 1).split("=", 2);
            metrics.addObject().put("key", key).put("step", Long.parseLong(last[0]));
        });
        return answer;
    }

    private static ObjectNode log(Run run, JsonNode json) {
        check(json.path("metrics").size() <= 1000, "INVALID_PARAMETER_VALUE", "too many metrics");
        check(json.path("params").size() <= 100, "INVALID_PARAMETER_VALUE", "too many params");
        json.path("metrics").forEach(metric -> {
            String key = name(metric);
            check(
                    metric.path("value").isNumber() && metric.path("timestamp").isNumber(),
                    "INVALID_PARAMETER_VALUE",
                    key);
            run.metrics
                    .computeIfAbsent(key, any -> new ArrayList<>())
                    .add(metric.path("step").asLong() + "="
                            + metric.path("value").asDouble());
        });
        json.path("params").forEach(param -> {
            String value = param.path("value").asString();
            check(value.length() <= 500, "INVALID_PARAMETER_VALUE", "too long");
            String former = run.params.put(name(param), value);
            check(former == null || former.equals(value), "INVALID_PARAMETER_VALUE", "changing param values");
        });
        return StrictJson.newObject();
    }

    /** As {@code mlflow.utils.validation}. */
    private static String name(JsonNode entry) {
        String name = entry.path("key").asString();
        check(
                name.matches("[/\\w.\\- :]{1,250}") && !name.matches("/.*|.*//.*|.*/|[.]{1,2}"),
                "INVALID_PARAMETER_VALUE",
                "Invalid name " + name);
        return name;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
