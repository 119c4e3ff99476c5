package org.imagerl.rewards.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.RgbImage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Chat completions on this machine, of a model that sees how bright an image is, or says what it is told to. */
final class ChatServer implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();

    /** What is answered to the requests, by their number from 0. */
    interface Behaviour {
        Reply answer(int number, JsonNode question);
    }

    /** An answer with its status. */
    record Reply(int status, String body) {}

    final List<JsonNode> questions = new CopyOnWriteArrayList<>();
    final List<String> keys = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile Behaviour behaviour = ChatServer::brightness;

    ChatServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    void behave(Behaviour other) {
        behaviour = other;
    }

    void say(String text) {
        behave((number, question) -> saying(text));
    }

    private synchronized int number(HttpExchange exchange, JsonNode question) {
        keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        questions.add(question);
        return questions.size() - 1;
    }

    private void handle(HttpExchange exchange) throws IOException {
        JsonNode question = JSON.readTree(exchange.getRequestBody());
        Reply reply = behaviour.answer(number(exchange, question), question);
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Never answers. */
    Reply hang() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Reply(500, "");
    }

    static Reply saying(String text) {
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode choice = answer.putArray("choices").addObject();
        choice.putObject("message").put("role", "assistant").put("content", text);
        choice.put("finish_reason", "stop");
        answer.putObject("usage").put("prompt_tokens", 321).put("completion_tokens", 12);
        return new Reply(200, answer.toString());
    }

    static RgbImage image(JsonNode question) {
        String url = question.at("/messages/0/content/1/image_url/url").stringValue();
        return ImageDecoder.decode(
                Base64.getDecoder().decode(url.replaceFirst("^data:image/png;base64,", "")), "image");
    }

    static Reply brightness(int number, JsonNode question) {
        byte[] rgb = image(question).rgb();
        long sum = 0;
        for (byte value : rgb) {
            sum += value & 0xff;
        }
        return saying("As bright as it is.\nScore: " + sum / 25.5 / rgb.length);
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
