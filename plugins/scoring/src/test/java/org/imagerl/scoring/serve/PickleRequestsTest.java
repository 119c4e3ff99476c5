package org.imagerl.scoring.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is answered in the pickle protocol; {@code src/test/compat/pickle_client.py} asks the same with Python's pickle. */
class PickleRequestsTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final WeightedRewards rewards =
            new WeightedRewards(List.of(new WeightedRewards.Entry("length", 1, new Length())));
    private final RewardServer server = RewardServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            rewards,
            ServerLimits.of(1 << 16, 2).with(100, Wire.LIMITS.reading(), Wire.LIMITS.total()),
            Access.token("0123456789abcdef", "test", List.of()),
            Protocol.FLOW_GRPO);

    /** The letters of the prompt and, where there is one, of its field {@code tag}; none for no letters. */
    private record Length() implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 1000, true, "letters");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return prompts.stream()
                    .map(prompt -> prompt.text().length()
                            + prompt.metadata().getOrDefault("tag", "").length())
                    .map(length -> length == 0 ? Score.failed("no letters") : Score.of(length))
                    .toList();
        }
    }

    @AfterEach
    void close() {
        server.close();
        rewards.close();
    }

    /** A pickle of protocol 3 of texts, bytes, lists and dicts. */
    private static byte[] pickle(Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 3});
        write(out, value);
        out.write('.');
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, Object value) {
        if (value instanceof Map<?, ?> map) {
            out.writeBytes(new byte[] {'}', '('});
            map.forEach((key, part) -> {
                write(out, key);
                write(out, part);
            });
            out.write('u');
        } else if (value instanceof List<?> list) {
            out.writeBytes(new byte[] {']', '('});
            list.forEach(part -> write(out, part));
            out.write('e');
        } else {
            boolean binary = value instanceof byte[];
            byte[] bytes =
                    value instanceof byte[] given ? given : value.toString().getBytes(StandardCharsets.UTF_8);
            out.write(binary ? 'B' : 'X');
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(bytes.length)
                    .array());
            out.writeBytes(bytes);
        }
    }

    private static byte[] image(int size) {
        return PngWriter.encode(new RgbImage(size, size, new byte[3 * size * size]), Map.of());
    }

    private HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + path))
                .header("Authorization", "Bearer 0123456789abcdef")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void scored(String path, Object question, String scores, String... headers) throws Exception {
        HttpResponse<byte[]> answer = post(path, pickle(question), headers);
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.ISO_8859_1))
                .isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(PickleReader.read("answer", answer.body()).toString())
                .isEqualTo("{\"scores\":" + scores + ",\"outputs\":" + scores + "}");
    }

    private void refused(byte[] body, int status, String reason, String... headers) throws Exception {
        refused(post("/", body, headers), status, reason);
    }

    private static void refused(HttpResponse<byte[]> answer, int status, String reason) {
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(text).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(text).startsWith("error: ").contains(reason);
    }

    @Test
    void imagesAreScoredUnderThePathsOfTheClients() throws Exception {
        Object question =
                Map.of("images", List.of(image(2), image(3)), "prompts", List.of("a", "four"), "metadata", Map.of());
        for (String path : List.of("/", "/score", "/compute", "/compute/", "/compute/length", "/compute/length/")) {
            scored(path, question, "[1.0,4.0]");
        }
        scored("/", question, "[1.0,4.0]", "Content-Type", "application/octet-stream");
    }

    @Test
    void fieldsOfPromptsAreReadAtBothPlaces() throws Exception {
        List<Object> images = List.of(image(1), image(1));
        List<Object> fields = List.of(Map.of("tag", "xx", "prompt", "abc"), Map.of("tag", List.of("yy")));
        scored("/", Map.of("images", images, "meta_datas", fields), "[5.0,6.0]");
        scored(
                "/",
                Map.of("images", images, "prompts", List.of("a", "b"), "metadata", Map.of("meta_datas", fields)),
                "[3.0,7.0]");
    }

    /** What the reward detector knows of each image, as flow_grpo's client of GenEval reads it. */
    @Test
    void genEvalsListsAreAnsweredWhereTheRewardKnowsThem() {
        assertThat(GenEvalLists.of(List.of(Score.of(1)))).isEmpty();
        List<Score> scores = List.of(
                new Score(0.5, Map.of("tag", "counting", "correct", "1.0", "strict", "0.0"), null),
                new Score(1, Map.of("tag", "position", "correct", "1.0", "strict", "1.0"), null));
        String lists = PickleReader.read("answer", PickleWriter.write(GenEvalLists.of(scores)))
                .toString();
        String other = "[-10.0,-10.0]";
        assertThat(lists)
                .isEqualTo("{\"rewards\":[1.0,1.0],\"group_rewards\":" + kinds("[1.0,-10.0]", "[-10.0,1.0]", other)
                        + ",\"strict_rewards\":[0.0,1.0],\"group_strict_rewards\":"
                        + kinds("[0.0,-10.0]", "[-10.0,1.0]", other) + "}");
    }

    private static String kinds(String counting, String position, String other) {
        return "{\"single_object\":%s,\"two_object\":%s,\"counting\":%s,\"colors\":%s,\"position\":%s,\"color_attr\":%s}"
                .formatted(other, other, counting, other, position, other);
    }

    @Test
    void anImageWithoutAScoreIsAnError() throws Exception {
        byte[] question = pickle(Map.of("images", List.of(image(1), image(1)), "prompts", List.of("a", "")));
        refused(question, 422, "images[1] has no score: length: no letters");
    }

    @Test
    void whatIsNoQuestionIsRefused() throws Exception {
        refused("{\"prompt\": []}".getBytes(StandardCharsets.UTF_8), 400, "no pickle of protocol 2 to 5");
        refused(new byte[0], 400, "no pickle");
        refused(pickle(List.of("a")), 400, "no dict");
        refused(pickle(Map.of("prompts", List.of("a"))), 400, "images must be a list");
        refused(pickle(Map.of("images", List.of("a"))), 400, "images[0] is no bytes");
        refused(pickle(Map.of("images", List.of(new byte[3]))), 400, "images[0] is not an image");
        refused(pickle(Map.of("images", List.of(image(1)), "prompts", List.of("a", "b"))), 400, "2 prompts for 1");
        refused(pickle(Map.of("images", List.of(image(1)), "prompts", List.of(List.of()))), 400, "prompts[0] is no");
        refused(pickle(Map.of("images", List.of(image(1)), "meta_datas", List.of())), 400, "a list of 1 objects");
        refused(
                "\u0080\u0003cos\nsystem\n(U\u0002lstR.".getBytes(StandardCharsets.ISO_8859_1),
                400,
                "GLOBAL is refused");
    }

    @Test
    void limitsAndAccessAreThoseOfTheOtherProtocol() throws Exception {
        byte[] question = pickle(Map.of("images", List.of(image(11)), "prompts", List.of("a")));
        refused(question, 413, "a request has at most 100");
        refused(new byte[(1 << 16) + 1], 413, "more than 65536 bytes");
        refused(question, 415, "application/octet-stream", "Content-Type", "application/json");
        refused(question, 415, "application/octet-stream", "Content-Type", "text/plain");
        refused(question, 415, "Content-Encoding", "Content-Encoding", "gzip");
        refused(question, 403, "web pages", "Origin", "http://example.org");
        refused(post("/other", question), 404, "there is no");
        HttpRequest bare = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + "/"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(question))
                .build();
        refused(client.send(bare, HttpResponse.BodyHandlers.ofByteArray()), 401, "wants its token");
    }
}
