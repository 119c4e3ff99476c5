package org.imagerl.rewards.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.imagerl.rewards.remote.ChatServer.Reply;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.work.TimeLimit;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class JudgeRewardTest extends RewardContract {
    private static final RgbImage IMAGE = TestImages.noise(4, 4, 1);
    private static final Prompt PROMPT = Prompt.of("0", "a cat");

    private final ChatServer server;
    private JudgeBuilder config;

    JudgeRewardTest() throws IOException {
        server = new ChatServer();
        config = new JudgeBuilder(server.url());
    }

    @BeforeEach
    void fresh() {
        server.behave(ChatServer::brightness);
        server.questions.clear();
        server.keys.clear();
        config = new JudgeBuilder(server.url());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Reward open() {
        return new JudgeFactory(name -> name.equals("JUDGE_KEY") ? "s3cret" : null)
                .create(config.build(), new Context(Path.of(""), "cpu", 2, warning -> {}));
    }

    @Override
    protected Reward create() {
        return new JudgeFactory()
                .create(new JudgeBuilder(server.url()).build(), new Context(Path.of(""), "cpu", 2, w -> {}));
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.gradient(20, 12), Prompt.of("0", "one")),
                new Example(TestImages.noise(8, 8, 1), Prompt.of("1", "two")),
                new Example(TestImages.text(30, 20, "x"), Prompt.of("2", "three")));
    }

    private Score one() {
        return one(IMAGE, PROMPT);
    }

    private Score one(RgbImage image, Prompt prompt) {
        try (Reward reward = open()) {
            return reward.score(List.of(image), List.of(prompt)).get(0);
        }
    }

    private String answered(int status, String body) {
        server.behave((number, question) -> new Reply(status, body));
        Score score = one();
        assertThat(score.ok()).isFalse();
        return String.valueOf(score.error());
    }

    @Test
    void theQuestionHasThePromptItsFieldsTheImageAndTheKey() {
        config.question = "Is \"{{prompt}}\" in the style of {{style}}? Answer {\"score\": N}. {{ style }}";
        config.options = "{\"temperature\": 0.5, \"max_tokens\": 7}";
        config.token = "JUDGE_KEY";
        server.say("Score: 7.5");
        Score score = one(IMAGE, new Prompt("0", "a {{style}} cat", Map.of("style", "M$1net")));
        assertThat(score.value()).isEqualTo(7.5);
        assertThat(score.details())
                .containsEntry("answer", "Score: 7.5")
                .containsEntry("prompt_tokens", "321")
                .containsEntry("completion_tokens", "12");
        JsonNode question = server.questions.get(0);
        assertThat(question.at("/messages/0/content/0/text").stringValue())
                .isEqualTo("Is \"a {{style}} cat\" in the style of M$1net? Answer {\"score\": N}. M$1net");
        assertThat(ChatServer.image(question).rgb()).isEqualTo(IMAGE.rgb());
        assertThat(question.get("model").stringValue()).isEqualTo("some-vlm");
        assertThat(question.get("temperature").doubleValue()).isEqualTo(0.5);
        assertThat(question.get("max_tokens").intValue()).isEqualTo(7);
        assertThat(server.keys).containsExactly("Bearer s3cret");
        config.token = null;
        one(IMAGE, new Prompt("0", "a cat", Map.of("style", "x")));
        assertThat(server.keys.get(1)).isEqualTo("null");
    }

    @Test
    void aPromptWithoutAFieldOfTheQuestionIsRefusedBeforeAnythingIsSent() {
        config.question = "Are there {{count}} of {{prompt}}?";
        try (Reward reward = open()) {
            assertThatThrownBy(() -> reward.check(PROMPT))
                    .hasMessageContaining("no field \"count\"")
                    .hasMessageContaining("\"a cat\"");
            reward.check(new Prompt("0", "cats", Map.of("count", "2")));
        }
        assertThat(one().error()).contains("no field \"count\"");
        assertThat(server.questions).isEmpty();
    }

    @Test
    void anAnswerWithoutAScoreIsAFailureWithTheAnswer() {
        server.say("I like it.");
        assertThat(one().error()).contains("no score in the answer \"I like it.\"");
        assertThat(answered(
                        200, "{\"choices\": [{\"message\": {\"content\": \"Sc\"}, \"finish_reason\": \"length\"}]}"))
                .contains("ended because of \"length\"");
        assertThat(answered(200, "{\"choices\": [{\"message\": {\"content\": null, \"refusal\": \"I will not.\"}}]}"))
                .contains("I will not.");
        for (String nothing : List.of("[]", "[{}]", "[{\"message\": {\"content\": [1]}}]", "[{\"message\": 3}]")) {
            assertThat(answered(200, "{\"choices\": " + nothing + "}")).contains("no score in the answer \"\"");
        }
        assertThat(server.questions).as("it would say the same again").hasSize(7);
    }

    @Test
    void aScoreBeyondTheRangeIsAFailure() {
        for (String score : List.of("70", "-1", "10.01")) {
            server.say("Score: " + score);
            assertThat(one().error()).contains("is not from 0.0 to 10.0").contains("Score: " + score);
        }
        server.say("Score: 10/10, **score: 0**");
        assertThat(one().value()).as("the last one, and a true zero").isZero();
    }

    @Test
    void whatIsNoAnswerOfTheApiIsSaid() {
        assertThat(answered(200, "<html>Welcome</html>")).contains("status 200").contains("<html>Welcome");
        assertThat(answered(200, "7")).contains("status 200: 7");
        assertThat(answered(200, "{}")).contains("status 200: {}");
        assertThat(answered(401, "{\"error\": {\"message\": \"no such \\u001b key\"}}"))
                .contains("status 401: \"no such \\u001b key\"")
                .doesNotContain("attempts");
        assertThat(answered(404, "{\"error\": \"no such model\"}")).contains("status 404: \"no such model\"");
        assertThat(answered(200, " ".repeat(JudgeAnswer.MAX_BYTES + 1))).contains("more than 1048576 bytes");
        assertThat(server.questions).hasSize(6);
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() {
        server.behave((number, question) -> switch (number) {
            case 0 -> new Reply(429, "{\"error\": {\"message\": \"slow down\"}}");
            case 1 -> new Reply(503, "busy");
            default -> ChatServer.saying("Score: 3");
        });
        assertThat(one().value()).isEqualTo(3);
        assertThat(server.questions).hasSize(3);
        assertThat(answered(500, "{\"error\": {\"message\": \"out of memory\"}}"))
                .contains("out of memory")
                .endsWith("(after 3 attempts)");
        assertThat(server.questions).hasSize(6);
    }

    @Test
    void aServerThatHangsIsAFailureAfterTheTimeout() {
        server.behave((number, question) -> server.hang());
        config.timeout = 0.2;
        assertThat(one().error()).contains("no answer within 0.2 s").contains("(after 3 attempts)");
        config.timeout = 3600;
        Score late = TimeLimit.within(Duration.ofMillis(200), this::one);
        assertThat(late.error()).contains("within the time limit of the image, 0.2 s");
    }

    @Test
    void moreRequestsThanAllowedWait() {
        config.perMinute = 1e-4; // one in a week
        try (Reward reward = open()) {
            List<Score> scores = reward.score(List.of(IMAGE, IMAGE), List.of(PROMPT, PROMPT));
            assertThat(scores.stream().filter(Score::ok)).hasSize(1);
            assertThat(scores.stream().filter(score -> !score.ok()))
                    .singleElement()
                    .satisfies(score -> assertThat(score.error()).contains("requests_per_minute"));
        }
        assertThat(server.questions).hasSize(1);
    }
}
