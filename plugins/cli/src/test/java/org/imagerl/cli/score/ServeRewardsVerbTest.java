package org.imagerl.cli.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.cli.Run;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.scoring.serve.RewardServer;
import org.imagerl.scoring.serve.ServerLimits;
import org.imagerl.spi.Context;
import org.imagerl.spi.RgbImage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server answers, to our own remote reward and to strangers. */
class ServeRewardsVerbTest {
    @TempDir
    private Path folder;

    private WeightedRewards rewards;
    private RewardServer server;

    @BeforeEach
    void serve() {
        Registry registry = Registry.load(List.of());
        rewards = WeightedRewards.create(
                List.of(
                        RewardArguments.read(registry, "jpeg-incompressibility"),
                        RewardArguments.read(registry, "{type: jpeg-compressibility, name: small, weight: 2}")),
                new Context(folder, "cpu", 1, line -> {}));
        server = RewardServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                rewards,
                ServerLimits.of(1 << 16, 2),
                Access.open(List.of()));
    }

    @AfterEach
    void close() {
        server.close();
        rewards.close();
    }

    private String url() {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void ourOwnRemoteRewardGetsTheSameScores() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        for (int i = 0; i < 3; i++) {
            byte[] rgb = new byte[16 * 16 * 3];
            rgb[i * 7] = (byte) (90 * i);
            PngWriter.write(images.resolve(i + ".png"), new RgbImage(16, 16, rgb), Map.of("prompt", "p" + i));
        }
        Path out = folder.resolve("scores.csv");
        Run run = Run.of(
                "score",
                images.toString(),
                "--out",
                out.toString(),
                "--reward",
                "jpeg-incompressibility",
                "--reward",
                "remote=" + url());
        assertThat(run.code()).as(run.err()).isZero();
        for (String line : Files.readAllLines(out).subList(1, 4)) {
            String[] cells = line.split(",");
            // the sum: size - 2 * size
            assertThat(Double.parseDouble(cells[3])).isEqualTo(-Double.parseDouble(cells[2]));
        }
    }

    @Test
    void strangersAreToldWhatIsWrong() throws IOException, InterruptedException {
        assertThat(post("/compute", "<html>").statusCode()).isEqualTo(400);
        assertThat(post("/compute", "{}").body()).contains("prompt must be a list");
        assertThat(post("/compute", "{\"prompt\": [\"a\", \"b\"], \"image\": [\"AAAA\"]}")
                        .body())
                .contains("2 prompts for 1 images");
        assertThat(post("/compute", "{\"prompt\": [\"a\"], \"image\": [\"AAAA\"]}")
                        .body())
                .contains("image[0] is not an image");
        assertThat(post("/compute/big", "{}").body())
                .contains("there is no reward \\\"big\\\"")
                .contains("small");
        HttpResponse<String> large = post("/compute", " ".repeat((1 << 16) + 1));
        assertThat(large.statusCode()).isEqualTo(413);
        HttpRequest get = HttpRequest.newBuilder(URI.create(url() + "/compute")).build();
        assertThat(HttpClient.newHttpClient()
                        .send(get, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(405);
        HttpRequest health =
                HttpRequest.newBuilder(URI.create(url() + "/health")).build();
        assertThat(HttpClient.newHttpClient()
                        .send(health, HttpResponse.BodyHandlers.ofString())
                        .body())
                .isEqualTo("{\"status\":\"ok\",\"rewards\":[\"jpeg-incompressibility\",\"small\"]}");
    }

    @Test
    void aTakenPortIsSaidToBeOne() {
        Run run = Run.of(
                "serve-rewards",
                "--reward",
                "jpeg-compressibility",
                "--port",
                Integer.toString(server.address().getPort()));
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("--port");
    }

    @Test
    void otherMachinesAreNotServedWithoutAToken() throws IOException {
        Path empty = Files.writeString(folder.resolve("token"), "\n");
        Run open = Run.of("serve-rewards", "--reward", "jpeg-compressibility", "--host", "0.0.0.0", "--port", "0");
        assertThat(open.code()).isEqualTo(2);
        assertThat(open.err()).contains("--host 0.0.0.0").contains("IMAGERL_SERVE_TOKEN");
        Run guessed = Run.of(
                "serve-rewards", "--reward", "jpeg-compressibility", "--port", "0", "--token-file", empty.toString());
        assertThat(guessed.code()).isEqualTo(2);
        assertThat(guessed.err()).contains(empty.toString()).contains("a token has from 16");
    }
}
