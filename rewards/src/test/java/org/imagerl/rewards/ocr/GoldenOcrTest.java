package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.text.TargetText;
import org.imagerl.images.text.TextFolding;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.Golden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Words in images: golden/ocr. The mean reward counts, as single letters may differ between builds of the runtime. */
final class GoldenOcrTest {
    private static final Context CONTEXT = new Context(Path.of(""), "cpu", 2, warning -> {});

    @TestFactory
    List<DynamicTest> theWordsAreRead() throws IOException {
        return Golden.tests("ocr", GoldenOcrTest::cases);
    }

    private static List<DynamicTest> cases(Path folder) throws IOException {
        List<RgbImage> images = new ArrayList<>();
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode entry : new ObjectMapper().readTree(folder.resolve("expected.json"))) {
            images.add(ImageDecoder.decode(folder.resolve(entry.get("image").stringValue())));
            prompts.add(Prompt.of(
                    entry.get("image").stringValue(), entry.get("prompt").stringValue()));
            assertThat(new TargetText(
                                    TargetText.Quotes.STRAIGHT, TargetText.Fallback.ERROR, new TextFolding(true, true))
                            .of(prompts.get(prompts.size() - 1)))
                    .isEqualTo(entry.get("text").stringValue());
        }
        return List.of(
                DynamicTest.dynamicTest("v4", () -> check(OcrConfig.Models.PP_OCR_V4, images, prompts)),
                DynamicTest.dynamicTest("v3", () -> check(OcrConfig.Models.PP_OCR_V3, images, prompts)));
    }

    private static void check(OcrConfig.Models models, List<RgbImage> images, List<Prompt> prompts) {
        OcrConfig d = new OcrFactory().defaults();
        OcrConfig config = new OcrConfig(
                models,
                d.mode(),
                d.dropScore(),
                d.channelOrder(),
                d.readingOrder(),
                d.quotes(),
                d.fallback(),
                d.ignoreCase(),
                d.ignoreSpaces(),
                d.batchSize(),
                d.device());
        try (Reward reward = new OcrFactory().create(config, CONTEXT)) {
            List<Score> scores = reward.score(images, prompts);
            assertThat(scores.stream().mapToDouble(Score::value).average().orElseThrow())
                    .as("mean of %s", scores)
                    .isGreaterThanOrEqualTo(0.95);
        }
    }
}
