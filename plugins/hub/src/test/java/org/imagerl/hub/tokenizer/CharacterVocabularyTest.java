package org.imagerl.hub.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CharacterVocabularyTest {
    @TempDir
    Path folder;

    @Test
    void aPromptHasOneTokenACharacter() throws IOException {
        CharacterVocabulary.write(folder, 32);
        JsonNode vocabulary = new JsonMapper().readTree(Files.readAllBytes(folder.resolve("vocab.json")));
        String[] tokens = {
            "<|startoftext|>",
            "a</w>",
            "s",
            "i",
            "g",
            "n</w>",
            "t",
            "h",
            "a",
            "t</w>",
            "s",
            "a",
            "y",
            "s</w>",
            "\"</w>",
            "4</w>",
            "7</w>",
            "2</w>",
            "\"</w>",
            "<|endoftext|>"
        };
        int[] expected = Arrays.stream(tokens)
                .mapToInt(token -> vocabulary.get(token).intValue())
                .toArray();
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            assertThat(tokenizer.encodeUnpadded("a sign that says \"472\"")).isEqualTo(expected);
            assertThat(tokenizer.encode("a sign that says \"472\""))
                    .hasSize(32)
                    .startsWith(expected)
                    .endsWith(tokenizer.padId());
        }
    }

    @Test
    void everyPrintableAsciiCharacterIsKnown() {
        CharacterVocabulary.write(folder, 200);
        String all =
                IntStream.rangeClosed('!', '~').mapToObj(c -> (char) c + " ").reduce("", String::concat);
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            int[] ids = tokenizer.encodeUnpadded(all);
            assertThat(ids).hasSize(94 + 2);
            assertThat(Arrays.copyOfRange(ids, 1, 95)).doesNotContain(tokenizer.eosId());
        }
    }

    @Test
    void theIdsAreThoseThatATextEncoderIsToldOf() {
        CharacterVocabulary.write(folder, 8);
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(CharacterVocabulary.size());
            assertThat(tokenizer.bosId()).isEqualTo(CharacterVocabulary.bosId());
            assertThat(tokenizer.eosId())
                    .isEqualTo(CharacterVocabulary.eosId())
                    .isEqualTo(tokenizer.padId())
                    .isEqualTo(CharacterVocabulary.size() - 1);
        }
    }

    @Test
    void nothingIsLeftBesideTheFourFiles() {
        CharacterVocabulary.write(folder, 8);
        CharacterVocabulary.write(folder, 8);
        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json");
    }
}
