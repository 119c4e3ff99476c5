package org.imagerl.latent.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.latent.testing.TensorFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Token ids of transformers' CLIPTokenizer. */
class GoldenClipTokenizerTest {
    private static final JsonMapper JSON = new JsonMapper();

    /** A folder without a vocabulary of its own is of the published one. */
    @TestFactory
    Stream<DynamicTest> tokensOfAVocabulary() throws IOException {
        return GoldenFolder.tests("clip-tokenizer/tokens.json", file -> {
            JsonNode cases = JSON.readTree(Files.readAllBytes(file));
            return cases.valueStream()
                    .map(entry -> dynamicTest(entry.get("prompt").toString(), () -> check(file.getParent(), entry)));
        });
    }

    @TestFactory
    Stream<DynamicTest> pipelinesThatRecordTheirTokenIds() throws IOException {
        return GoldenFolder.tests(
                "pipelines/*/case.json",
                file -> Stream.of(file)
                        .filter(GoldenClipTokenizerTest::recordsTokenIds)
                        .map(Path::getParent)
                        .map(folder -> dynamicTest(folder.toString(), () -> checkPipeline(folder))));
    }

    @TestFactory
    Stream<DynamicTest> everyClipTokenizerOfAPipelineLoads() throws IOException {
        return GoldenFolder.tests(
                "pipelines/*/tokenizer*/vocab.json",
                file -> Stream.of(dynamicTest(file.getParent().toString(), () -> {
                    try (ClipTokenizer tokenizer = ClipTokenizer.load(file.getParent())) {
                        JsonNode config =
                                JSON.readTree(Files.readAllBytes(file.resolveSibling("tokenizer_config.json")));
                        assertThat(tokenizer.encode("a photo of the cat"))
                                .hasSize(config.get("model_max_length").intValue())
                                .startsWith(tokenizer.bosId());
                        assertThat(tokenizer.vocabularySize())
                                .isEqualTo(
                                        JSON.readTree(Files.readAllBytes(file)).size());
                    }
                })));
    }

    private static void check(Path folder, JsonNode entry) {
        boolean own = Files.exists(folder.resolve("vocab.json"));
        try (ClipTokenizer tokenizer = own ? ClipTokenizer.load(folder) : ClipTokenizer.published(Optional.empty())) {
            String prompt = entry.get("prompt").stringValue();
            assertThat(tokenizer.encodeUnpadded(prompt)).isEqualTo(ints(entry.get("unpadded")));
            assertThat(tokenizer.encode(prompt)).isEqualTo(ints(entry.get("input_ids")));
        }
    }

    private static boolean recordsTokenIds(Path file) {
        try {
            return TensorFile.read(file.resolveSibling("expected.safetensors")).has("input_ids");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void checkPipeline(Path folder) throws IOException {
        JsonNode prompts =
                JSON.readTree(Files.readAllBytes(folder.resolve("case.json"))).get("prompts");
        int[][] expected =
                TensorFile.read(folder.resolve("expected.safetensors")).rows("input_ids");
        assertThat(expected).hasNumberOfRows(prompts.size());
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder.resolve("tokenizer"))) {
            for (int i = 0; i < expected.length; i++) {
                assertThat(tokenizer.encode(prompts.get(i).stringValue())).isEqualTo(expected[i]);
            }
        }
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size())
                .map(i -> array.get(i).intValue())
                .toArray();
    }
}
