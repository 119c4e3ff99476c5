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

    /** tokens.json is of the folder's vocabulary; published.json is of CLIP's, and so is tokens.json in a folder that has none. */
    @TestFactory
    Stream<DynamicTest> tokensOfAVocabulary() throws IOException {
        return GoldenFolder.tests(
                "clip-tokenizer/{tokens,published}.json",
                file -> Stream.of(dynamicTest(file.toString(), () -> check(file))));
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

    private static void check(Path file) throws IOException {
        boolean own = file.endsWith("tokens.json") && Files.exists(file.resolveSibling("vocab.json"));
        try (ClipTokenizer tokenizer =
                own ? ClipTokenizer.load(file.getParent()) : ClipTokenizer.published(Optional.empty())) {
            for (JsonNode entry : JSON.readTree(Files.readAllBytes(file))) {
                String prompt = entry.get("prompt").stringValue();
                assertThat(tokenizer.encodeUnpadded(prompt)).as(prompt).isEqualTo(ints(entry.get("unpadded")));
                assertThat(tokenizer.encode(prompt)).as(prompt).isEqualTo(ints(entry.get("input_ids")));
            }
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
