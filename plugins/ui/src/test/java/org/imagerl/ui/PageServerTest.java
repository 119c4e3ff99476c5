package org.imagerl.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PageServerTest {
    @TempDir
    private static Path scratch;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static Path runs;
    private static PageServer server;

    @BeforeAll
    static void serve() throws IOException {
        runs = scratch.resolve("runs");
        TinyRuns.run(runs.resolve("a run"), 4, "a sign");
        TinyRuns.run(runs.resolve("hostile"), 1, TinyRuns.HOSTILE);
        TinyRuns.run(scratch.resolve("outside"), 1, "secret");
        Files.createSymbolicLink(runs.resolve("link"), scratch.resolve("outside"));
        Path leaky = TinyRuns.run(runs.resolve("leaky"), 1, "a sign");
        Files.delete(leaky.resolve("log.txt"));
        Files.createSymbolicLink(leaky.resolve("log.txt"), scratch.resolve("outside/log.txt"));
        Files.createSymbolicLink(
                leaky.resolve("samples/step-000000001/z.png"),
                scratch.resolve("outside/samples/step-000000001/p00-s0.png"));
        server = PageServer.start(List.of(runs), 0);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static HttpResponse<byte[]> get(String path, String... arguments) throws IOException {
        List<String> query = new ArrayList<>();
        for (String argument : arguments) {
            query.add("a=" + URLEncoder.encode(argument, StandardCharsets.UTF_8));
        }
        return send(HttpRequest.newBuilder(URI.create(server.url() + path + "?" + String.join("&", query))));
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static JsonNode json(String question, String... arguments) throws IOException {
        HttpResponse<byte[]> answer = get("api/" + question, arguments);
        assertThat(answer.statusCode()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    @Test
    void theListSaysWhatThereIs() throws IOException {
        JsonNode answer = json("runs");
        assertThat(answer.path("runs").valueStream().map(run -> run.path("name").asString()))
                .containsExactly("a run", "hostile", "leaky");
        JsonNode run = answer.path("runs").get(0);
        assertThat(run.path("state").asString()).isEqualTo("finished");
        assertThat(run.path("step").asInt()).isEqualTo(4);
        assertThat(run.path("epochs").asInt()).isEqualTo(4);
        assertThat(run.path("seconds_per_epoch").asDouble()).isEqualTo(10);
        assertThat(run.path("reward").asDouble()).isEqualTo(2);
        assertThat(run.path("held_out_first").asDouble()).isEqualTo(0.25);
        assertThat(run.path("held_out_last").asDouble()).isEqualTo(0.5);
        assertThat(run.path("checkpoint").asString()).isEqualTo("words");
    }

    @Test
    void aLinkThatLeadsOutOfTheFolderIsRefused() throws IOException {
        assertThat(json("runs").path("problems").valueStream().map(JsonNode::asString))
                .singleElement()
                .asString()
                .contains("link", "leads out");
        assertThat(get("api/details", "0/link").statusCode()).isEqualTo(404);
        JsonNode details = json("details", "0/leaky");
        assertThat(details.has("log")).isFalse();
        assertThat(details.path("problems").toString()).contains("log.txt", "leads out");
        assertThat(details.toString()).doesNotContain("secret");
        assertThat(get("api/images", "0/leaky", "1").statusCode()).isEqualTo(422);
        assertThat(get("image", "0/leaky", "1", "z.png").statusCode()).isEqualTo(422);
    }

    @Test
    void numbersAreSentByColumn() throws IOException {
        JsonNode numbers = json("metrics", "0/a run").path("numbers");
        assertThat(numbers.path("step").toString()).isEqualTo("[0,1,2,3,4]");
        assertThat(numbers.path("columns").path("reward_mean").toString()).isEqualTo("[null,0.5,1.0,1.5,2.0]");
        assertThat(numbers.path("columns").path("grad_norm").toString()).isEqualTo("[null,null,null,null,null]");
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() throws IOException {
        HttpResponse<byte[]> first = get("api/metrics", "0/a run");
        String tag = first.headers().firstValue("ETag").orElseThrow();
        URI same = first.request().uri();
        assertThat(send(HttpRequest.newBuilder(same).header("If-None-Match", tag))
                        .statusCode())
                .isEqualTo(304);
        assertThat(send(HttpRequest.newBuilder(same).header("If-None-Match", "\"other\""))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void detailsHaveSettingsRewardsAndLog() throws IOException {
        JsonNode details = json("details", "0/a run");
        assertThat(details.path("config").path("optimiser.learning_rate").asString())
                .isEqualTo("0.003");
        assertThat(details.path("provenance").toString())
                .contains("commandLine")
                .doesNotContain("sha256");
        assertThat(details.path("log").size()).isEqualTo(6);
        assertThat(details.path("image_sets")
                        .valueStream()
                        .map(set -> set.path("title").asString()))
                .startsWith("before training", "epoch 1")
                .hasSize(5);
        JsonNode rewards = details.path("rewards");
        JsonNode ocr = rewards.path("histograms").get(0);
        assertThat(ocr.path("steps").toString()).isEqualTo("[1,2,3,4]");
        assertThat(ocr.path("high").toString()).isEqualTo("[1.0,2.0,3.0,4.0]");
        assertThat(ocr.path("failed").toString()).isEqualTo("[1,1,1,1]");
        assertThat(rewards.path("prompts").toString())
                .isEqualTo(
                        "[{\"prompt\":\"a sign\",\"epochs\":4,\"images\":12,\"failed\":4,\"first\":0.5,\"last\":2.0}]");
        assertThat(rewards.path("failures").get(0).toString())
                .isEqualTo(
                        "{\"step\":4,\"reward\":\"ocr\",\"failed\":1,\"reasons\":[{\"text\":\"no a sign\",\"count\":1}]}");
    }

    @Test
    void imagesHaveTheirPromptSeedAndReward() throws IOException {
        assertThat(json("images", "0/a run", "4").get(1).toString())
                .isEqualTo("{\"name\":\"p00-s1.png\",\"prompt\":\"a sign\",\"seed\":\"1\",\"reward\":\"0.5\"}");
        HttpResponse<byte[]> image = get("image", "0/a run", "4", "p00-s1.png");
        assertThat(image.headers().firstValue("Content-Type")).contains("image/png");
        assertThat(ImageIO.read(new ByteArrayInputStream(image.body())).getRGB(0, 0) & 0xffffff)
                .isEqualTo(0x040107);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside",
                "0/../outside",
                "0/a run/../../outside",
                "/etc",
                "0//etc",
                "1",
                "",
                "0/a run/",
                "0\\hostile",
                "0/a run\u0000"
            })
    void anIdIsNeverAPath(String id) throws IOException {
        assertThat(get("api/details", id).statusCode()).isEqualTo(404);
        assertThat(get("image", id, "1", "p00-s0.png").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../../config.yaml", "../step-000000001/p00-s0.png", "grid.png", "config.yaml", "/etc/passwd", ""
            })
    void theNameOfAnImageIsNeverAPath(String name) throws IOException {
        assertThat(get("image", "0/a run", "1", name).statusCode()).isEqualTo(404);
        assertThat(get("image", "0/a run", "../../..", name).statusCode()).isEqualTo(404);
    }

    @Test
    void otherPathsAreNotThere() throws IOException {
        for (String path : List.of("page/index.html", "api/", "api/runs/x", "..%2f..%2fetc%2fpasswd", "api/metrics")) {
            assertThat(get(path).statusCode()).as(path).isBetween(400, 404);
        }
        assertThat(send(HttpRequest.newBuilder(URI.create(server.url())).POST(HttpRequest.BodyPublishers.ofString("x")))
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void thePageLoadsNothingFromElsewhere() throws IOException {
        HttpResponse<byte[]> page = get("");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        for (String file : List.of("", "page.js", "page.css")) {
            String text = new String(get(file).body(), StandardCharsets.UTF_8);
            assertThat(text).as(file).doesNotContain("innerHTML", "src=\"http", "url(http", "@import", "eval(");
        }
        assertThat(new String(get("page.js").body(), StandardCharsets.UTF_8))
                .contains("The MIT License", "const mainModule = (() => {")
                .doesNotContainPattern("(?m)^(import|export) ");
    }

    /** A page of another site that is open in the same browser, under its own name or under one that it lets point here. */
    @Test
    void otherPagesAreRefused() throws IOException {
        assertThat(send(HttpRequest.newBuilder(URI.create(server.url() + "api/runs"))
                                .header("Origin", "http://evil.example"))
                        .statusCode())
                .isEqualTo(403);
        String answer;
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(server.url()).getPort())) {
            socket.getOutputStream()
                    .write("GET /api/runs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(answer).startsWith("HTTP/1.1 403");
    }

    @Test
    void aDamagedFileHidesNothingElse(@TempDir Path folder) throws IOException {
        Path run = TinyRuns.run(folder.resolve("run"), 2, "a sign");
        Files.writeString(run.resolve("metrics.jsonl"), "{]\n");
        Files.writeString(run.resolve("epochs.jsonl"), "[1]\n");
        Files.writeString(run.resolve("provenance.json"), "[[[[");
        Files.write(run.resolve("samples/step-000000001/p00-s0.png"), new byte[] {1, 2, 3});
        Api api = new Api(new Library(List.of(folder), TinyRuns.at(0)), TinyRuns.at(0));
        JsonNode summary =
                api.answer("runs", List.of()).orElseThrow().path("runs").get(0);
        assertThat(summary.path("problem").asString()).contains("metrics.jsonl:1: is no line of metrics");
        JsonNode details = api.answer("details", List.of("0/run")).orElseThrow();
        assertThat(details.path("problems").size()).isEqualTo(2);
        assertThat(details.path("config").path("epochs").asString()).isEqualTo("4");
        assertThat(details.path("log").size()).isEqualTo(4);
        Path damaged = api.image("0/run", "1", "p00-s0.png").orElseThrow();
        assertThatThrownBy(() -> ShownImage.read(damaged)).isInstanceOf(UserException.class);
    }

    /** Half a surrogate pair, names that are none, a text of a megabyte: the list of all runs is sent all the same. */
    @Test
    void oddTextsOfOneRunHideNoOther(@TempDir Path folder) throws IOException {
        Path run = TinyRuns.run(folder.resolve("odd"), 1, "x".repeat(100_000));
        Files.writeString(run.resolve("config.yaml"), "epochs: 4\nalgorithm: {preset: \"\\ud800\"}\n");
        Files.writeString(
                run.resolve("epochs.jsonl"),
                "{\"step\":1,\"clockSeconds\":\"NaN\",\"memoryBytes\":-1,\"rewards\":[{\"name\":null,\"low\":\"NaN\",\"high\":1,"
                        + "\"counts\":[1],\"failed\":1,\"reasons\":[]}],\"prompts\":[{\"prompt\":null,\"images\":1,\"failed\":0,"
                        + "\"mean\":null}],\"promptsLeftOut\":0}\n");
        Api api = new Api(new Library(List.of(folder), TinyRuns.at(0)), TinyRuns.at(0));
        for (String question : List.of("runs", "details", "metrics")) {
            JsonNode answer = api.answer(question, question.equals("runs") ? List.of() : List.of("0/odd"))
                    .orElseThrow();
            assertThat(JsonMapper.shared().readTree(Json.bytes(answer)))
                    .as(question)
                    .isNotNull();
        }
        assertThat(new String(Json.bytes(api.answer("runs", List.of()).orElseThrow()), StandardCharsets.UTF_8))
                .contains("\"algorithm\":\"?\"");
        assertThat(api.answer("images", List.of("0/odd", "1")).orElseThrow().toString())
                .hasSizeLessThan(10_000);
    }

    @Test
    void aPlaceThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> PageServer.start(List.of(Path.of("no-such-runs")), 0))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no-such-runs: is not there");
    }
}
