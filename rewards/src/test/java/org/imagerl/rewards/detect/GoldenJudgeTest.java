package org.imagerl.rewards.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.spi.Prompt;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the published code of GenEval and of Flow-GRPO's reward server says, by {@code src/test/compat/geneval.py}. */
class GoldenJudgeTest {

    @Test
    void verdictsAreThoseOfThePublishedCode() throws IOException, OrtException {
        JsonNode golden;
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/golden/geneval.json"))) {
            golden = new JsonMapper().readTree(in);
        }
        List<String> classes = new ArrayList<>();
        golden.get("classes").forEach(name -> classes.add(name.stringValue()));
        assertThat(golden.get("cases").size()).isPositive();
        int index = 0;
        for (JsonNode one : golden.get("cases")) {
            Verdict verdict = verdict(one, classes);
            String what = "case " + index++ + ": " + one;
            assertThat(verdict.correct()).as(what).isEqualTo(one.get("correct").booleanValue());
            assertThat(verdict.strict()).as(what).isEqualTo(one.get("strict").booleanValue());
            assertThat(verdict.share()).as(what).isCloseTo(one.get("share").doubleValue(), within(1e-12));
            assertThat(verdict.reasons().isEmpty()).as(what).isEqualTo(verdict.correct() && verdict.strict());
        }
    }

    private static Verdict verdict(JsonNode one, List<String> classes) throws OrtException {
        Map<Found, String> colours = new HashMap<>();
        List<Found> all = new ArrayList<>();
        for (int i = 0; i < one.get("boxes").size(); i++) {
            JsonNode box = one.get("boxes").get(i);
            Found found =
                    new Found((int) at(box, 5), at(box, 4), new Box(at(box, 0), at(box, 1), at(box, 2), at(box, 3)));
            all.add(found);
            colours.put(found, one.get("colors").get(i).stringValue());
        }
        Map<String, String> fields = new HashMap<>();
        one.get("task")
                .properties()
                .forEach(field -> fields.put(
                        field.getKey(),
                        field.getValue().isString()
                                ? field.getValue().stringValue()
                                : field.getValue().toString()));
        Task task = Task.of(new Prompt("p", "x", fields));
        Rules rules = new Rules(
                one.get("threshold").doubleValue(),
                one.get("counting_threshold").doubleValue(),
                one.get("max_objects").intValue(),
                one.get("max_overlap").doubleValue());
        all.removeIf(found -> found.score() <= rules.threshold(task));
        Map<String, List<Found>> objects = new HashMap<>();
        classes.forEach(name -> objects.put(name, rules.of(classes.indexOf(name), all)));
        return new Judge(one.get("position_threshold").doubleValue())
                .verdict(
                        task,
                        objects,
                        (name, found) -> found.stream().map(colours::get).toList());
    }

    private static double at(JsonNode box, int index) {
        return box.get(index).doubleValue();
    }
}
