package org.imagerl.rewards.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.rewards.remote.ChatServer.Reply;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a judge leaves on disk: the answers that it keeps, and what they cost. */
class JudgeFilesTest {
    private static final RgbImage IMAGE = TestImages.noise(4, 4, 1);
    private static final Prompt PROMPT = Prompt.of("0", "a cat");

    @TempDir
    private Path folder;

    private final ChatServer server;
    private final JudgeBuilder config;

    JudgeFilesTest() throws IOException {
        server = new ChatServer();
        config = new JudgeBuilder(server.url());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Score one() {
        return one(IMAGE, PROMPT);
    }

    private Score one(RgbImage image, Prompt prompt) {
        try (Reward reward = new JudgeFactory(name -> "s3cret")
                .create(config.build(), new Context(folder, "cpu", 2, warning -> {}))) {
            return reward.score(List.of(image), List.of(prompt)).get(0);
        }
    }

    @Test
    void whatWasAskedBeforeIsNotAskedAgain() throws IOException {
        config.cache = "cache";
        config.token = "JUDGE_KEY";
        Score first = one();
        assertThat(first.ok()).isTrue();
        assertThat(one()).isEqualTo(first);
        assertThat(server.questions).hasSize(1);
        one(TestImages.noise(4, 4, 2), PROMPT);
        one(IMAGE, Prompt.of("0", "a dog"));
        config.model = "another-vlm";
        one();
        config.question = "{{prompt}}?";
        one();
        config.options = "{}";
        one();
        assertThat(server.questions).as("whatever the score depends on").hasSize(6);
        List<Path> kept = files();
        assertThat(kept)
                .hasSize(6)
                .allSatisfy(file ->
                        assertThat(Files.readString(file)).contains("As bright").doesNotContain("s3cret"));
        for (Path file : kept) {
            Files.writeString(file, "{\"text\": nul");
        }
        assertThat(one().ok()).isTrue();
        assertThat(server.questions).as("damaged files are made anew").hasSize(7);
        one();
        assertThat(server.questions).hasSize(7);
    }

    @Test
    void answersWithoutAScoreAreNotKept() throws IOException {
        config.cache = "cache";
        server.say("Hm.");
        one();
        assertThat(files()).isEmpty();
        server.say("Score: 4. {\"points\": 5}");
        assertThat(one().value()).isEqualTo(4);
        config.pattern = null;
        config.path = "/points";
        assertThat(one().value())
                .as("another place of the score in the answer that was kept")
                .isEqualTo(5);
        assertThat(server.questions).hasSize(2);
    }

    private List<Path> files() throws IOException {
        if (!Files.exists(folder.resolve("cache"))) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder.resolve("cache"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void theTokensOfEveryAnswerAreLogged() throws IOException {
        config.costs = "logs/costs.jsonl";
        config.cache = "cache";
        one();
        one();
        server.say("Hm.");
        one(IMAGE, Prompt.of("1", "a dog"));
        List<JsonNode> lines = Files.readAllLines(folder.resolve("logs/costs.jsonl")).stream()
                .map(ChatServer.JSON::readTree)
                .toList();
        assertThat(lines).hasSize(2);
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("model").stringValue()).isEqualTo("some-vlm");
            assertThat(line.get("prompt_tokens").intValue()).isEqualTo(321);
            assertThat(line.get("completion_tokens").intValue()).isEqualTo(12);
            assertThat(line.get("time").stringValue()).endsWith("Z");
        });
        server.behave(
                (number, question) -> new Reply(200, "{\"choices\": [{\"message\": {\"content\": \"Score: 1\"}}]}"));
        assertThat(one(IMAGE, Prompt.of("2", "a bird")).details()).containsOnlyKeys("answer");
        List<String> all = Files.readAllLines(folder.resolve("logs/costs.jsonl"));
        assertThat(all).hasSize(3);
        assertThat(all.get(2)).contains("\"prompt_tokens\":null");
    }
}
