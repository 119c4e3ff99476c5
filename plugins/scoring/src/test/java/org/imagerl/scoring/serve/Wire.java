package org.imagerl.scoring.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;

/** A server of one reward on this machine, and connections to it by the byte. */
final class Wire implements AutoCloseable {
    /** Far longer than any answer takes. */
    private static final int PATIENCE_MS = 30_000;

    static final ServerLimits LIMITS = ServerLimits.of(1 << 16, 2);

    private final WeightedRewards rewards;
    private final RewardServer server;

    /** Scores every image with the result of an action. */
    record Acting(Action action) implements Reward {
        interface Action {
            double score(Prompt prompt);
        }

        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 1, true, "number");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return prompts.stream()
                    .map(prompt -> Score.of(action.score(prompt)))
                    .toList();
        }
    }

    Wire(ServerLimits limits, Access access, Acting.Action action) {
        rewards = new WeightedRewards(List.of(new WeightedRewards.Entry("acting", 1, new Acting(action))));
        server = RewardServer.start(
                new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), rewards, limits, access);
    }

    Wire(ServerLimits limits) {
        this(limits, Access.open(List.of()), prompt -> 0.5);
    }

    RewardServer server() {
        return server;
    }

    Socket connect() throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout(PATIENCE_MS);
        return socket;
    }

    /** Sends something, and reads until the server ends the connection or has answered what {@code Connection: close} asks it to. */
    String talk(String request) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request);
            return rest(socket);
        }
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** All that still comes. */
    static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The headers of an answer. */
    static String head(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            if (head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toString(StandardCharsets.UTF_8);
    }

    static String get(String path, String... headers) {
        return "GET " + path + " HTTP/1.1\r\n"
                + (String.join("", headers).contains("Host:") ? "" : "Host: localhost\r\n") + "Connection: close\r\n"
                + String.join("", headers) + "\r\n";
    }

    static String post(String body, String... headers) {
        return "POST /compute HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + (String.join("", headers).contains("Content-Type:") ? "" : "Content-Type: application/json\r\n")
                + "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n"
                + String.join("", headers) + "\r\n" + body;
    }

    /** A request with one image of this size. */
    static String question(int width, int height) {
        byte[] png = PngWriter.encode(new RgbImage(width, height, new byte[3 * width * height]), Map.of());
        return "{\"prompt\": [\"a\"], \"image\": [\"" + Base64.getEncoder().encodeToString(png) + "\"]}";
    }

    @Override
    public void close() {
        server.close();
        rewards.close();
    }

    /** Returns when the server holds no byte of a body any more: it hears of a connection that is gone only a moment after the client. */
    void awaitNoBodies() {
        await(() -> server.bodyBytes() == 0);
    }

    /** Returns when so many requests have come whole and are not answered. */
    void awaitActive(int count) {
        await(() -> server.active() == count);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_MS * 1_000_000L;
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
