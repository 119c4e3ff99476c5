package org.imagerl.rewards.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.imagerl.spi.Context;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class JudgeConfigTest {

    private static String refused(Consumer<JudgeBuilder> mistake) {
        JudgeBuilder builder = new JudgeBuilder("http://127.0.0.1:1/v1");
        mistake.accept(builder);
        try {
            new JudgeFactory(name -> null)
                    .create(builder.build(), new Context(Path.of(""), "cpu", 1, warning -> {}))
                    .close();
        } catch (UserException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("it was accepted");
    }

    @Test
    void whatCannotBeIsRefusedByItsKey() {
        assertThat(refused(c -> c.path = "/score")).contains("exactly one of score_pattern and score_path");
        assertThat(refused(c -> c.pattern = null)).contains("exactly one of score_pattern and score_path");
        assertThat(refused(c -> c.pattern = "(")).contains("score_pattern is \"(\"");
        assertThat(refused(c -> c.pattern = "score \\d+")).contains("needs a group");
        for (String path : List.of("score", "")) {
            assertThat(refused(c -> {
                        c.pattern = null;
                        c.path = path;
                    }))
                    .contains("score_path");
        }
        assertThat(refused(c -> c.min = 10)).contains("min is 10.0");
        assertThat(refused(c -> c.question = " ")).contains("question");
        assertThat(refused(c -> c.options = "{")).contains("options is \"{\", which is no JSON");
        assertThat(refused(c -> c.options = "[]")).contains("must be a JSON object");
        assertThat(refused(c -> c.options = "{\"n\": 2}")).contains("without the keys model, messages, stream, n");
        assertThat(refused(c -> c.timeout = 0)).contains("timeout_seconds");
        assertThat(refused(c -> c.retrySeconds = 61)).contains("retry_seconds");
        assertThat(refused(c -> c.retries = -1)).contains("retries");
        assertThat(refused(c -> c.workers = 0)).contains("workers");
        assertThat(refused(c -> c.perMinute = -1)).contains("requests_per_minute");
        assertThat(refused(c -> c.token = "NO_SUCH_KEY"))
                .contains("\"NO_SUCH_KEY\"")
                .contains("is not set");
        assertThat(refused(c -> c.cache = "a\0b")).contains("cache is \"a\\u0000b\"");
        assertThatThrownBy(() -> new JudgeFactory()
                        .create(new JudgeBuilder("file:///tmp").build(), new Context(Path.of(""), "cpu", 1, w -> {})))
                .hasMessageContaining("file:///tmp");
    }

    @Test
    void aPatternFindsTheLastScore() {
        ScoreReader usual = ScoreReader.ofPattern(
                Pattern.compile(new JudgeFactory().defaults().scorePattern()));
        assertThat(usual.read("Score: 3? No. **Score:** 8.5/10.")).hasValue(8.5);
        assertThat(usual.read("{\"score\": -2}")).hasValue(-2);
        assertThat(usual.read("SCORE 7")).hasValue(7);
        assertThat(usual.read("a score of many")).isEmpty();
        assertThat(ScoreReader.ofPattern(Pattern.compile("(yes)|no")).read("yes"))
                .isEmpty();
        OptionalDouble deep =
                ScoreReader.ofPattern(Pattern.compile("((?:a|b)*)c")).read("ab".repeat(10_000));
        assertThat(deep).as("a pattern that takes stack for each letter").isEmpty();
    }

    @Test
    void aPathFindsTheScoreInAnObjectBetweenWords() {
        ScoreReader path = ScoreReader.ofPath("/judgement/score");
        assertThat(path.read("{\"judgement\": {\"score\": 4}}")).hasValue(4);
        assertThat(path.read("Well:\n```json\n{\"judgement\": {\"score\": \"4.5\"}}\n```\nThat is it."))
                .hasValue(4.5);
        for (String none : List.of(
                "",
                "4",
                "}{",
                "{\"judgement\": 4}",
                "{\"judgement\": {\"score\": null}}",
                "{\"judgement\": {\"score\": [4]}}",
                "{\"judgement\": {\"score\": \"four\"}}",
                "{judgement")) {
            assertThat(path.read(none)).as(none).isEmpty();
        }
    }
}
