package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** CLIP models as Optimum exports them, scored by transformers and ONNX Runtime in Python: as a drop-in folder, by the presets. */
class GoldenOnnxClipTest {
    /** On logits, absolute, as published; the other scores are logits divided by something. */
    private static final double TOLERANCE = 1e-3;

    /** On the cosine: that of a logit, divided by the least temperature that CLIP begins training with, 1 / 0.07. */
    private static final double COSINE_TOLERANCE = TOLERANCE * 0.07;

    @TestFactory
    List<DynamicTest> aFolderIsARewardAsItIs() throws IOException {
        return Golden.tests("onnx-clip", folder -> {
            List<DynamicTest> tests = new ArrayList<>();
            try (Stream<Path> files = Files.walk(folder, 2)) {
                for (Path expected : files.filter(file -> file.endsWith("expected.json"))
                        .sorted()
                        .toList()) {
                    tests.addAll(cases(folder, expected));
                }
            }
            assertThat(tests).isNotEmpty();
            return tests;
        });
    }

    private static List<DynamicTest> cases(Path root, Path expected) {
        Path folder = expected.getParent();
        JsonNode json = new JsonMapper().readTree(expected);
        return List.of(
                dynamicTest(folder + " pickscore", () -> check(root, folder, json, "pickscore", TOLERANCE / 26)),
                dynamicTest(folder + " cosine", () -> check(root, folder, json, "cosine", COSINE_TOLERANCE)),
                dynamicTest(folder + " logits", () -> check(root, folder, json, "logits_per_image", TOLERANCE)));
    }

    private static void check(Path root, Path folder, JsonNode json, String key, double tolerance) {
        String preset = key.equals("cosine") ? "clip" : "pickscore";
        double factor = key.equals("logits_per_image") ? 26 : 1;
        List<RgbImage> images = new ArrayList<>();
        List<Prompt> prompts = new ArrayList<>();
        List<Double> wanted = new ArrayList<>();
        for (int i = 0; i < json.get("images").size(); i++) {
            RgbImage image = ImageDecoder.decode(root.resolveSibling("images")
                    .resolve(json.get("images").get(i).stringValue()));
            for (int j = 0; j < json.get("prompts").size(); j++) {
                images.add(image);
                prompts.add(Prompt.of("p" + j, json.get("prompts").get(j).stringValue()));
                wanted.add(json.get(key).get(i).get(j).doubleValue());
            }
        }
        try (Reward reward = TinyModels.reward(preset, folder)) {
            List<Score> scores = reward.score(images, prompts);
            for (int i = 0; i < scores.size(); i++) {
                double difference = Math.abs(scores.get(i).value() * factor - wanted.get(i));
                assertThat(difference)
                        .as("pair %d: %s, wanted %s", i, scores.get(i), wanted.get(i))
                        .isLessThanOrEqualTo(tolerance);
            }
        }
    }
}
