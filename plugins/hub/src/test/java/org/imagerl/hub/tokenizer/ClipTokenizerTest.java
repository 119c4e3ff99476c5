package org.imagerl.hub.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ClipTokenizerTest {
    private static final int BOS = 9;
    private static final int EOS = 10;

    @TempDir
    Path folder;

    @BeforeEach
    void aVocabularyOfTwoWords() throws IOException {
        write("vocab.json", """
                {"!": 0, "!</w>": 1, "c": 2, "a": 3, "t": 4, "t</w>": 5, "ca": 6, "cat</w>": 7, "a</w>": 8,
                 "<|startoftext|>": 9, "<|endoftext|>": 10}""");
        write("merges.txt", "#version: 0.2\nc a\nca t</w>\n");
        write("tokenizer_config.json", "{\"model_max_length\": 6}");
    }

    @Test
    void wordsAreLowerCasedSplitMergedAndFramed() {
        assertThat(encode("A  CAT!")).containsExactly(BOS, 8, 7, 1, EOS, EOS);
        assertThat(encode("tact")).containsExactly(BOS, 4, 3, 2, 5, EOS);
        assertThat(encode("")).containsExactly(BOS, EOS, EOS, EOS, EOS, EOS);
    }

    @Test
    void whatTheVocabularyLacksIsUnknown() {
        assertThat(encode("z")).containsExactly(BOS, EOS, EOS, EOS, EOS, EOS);
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            assertThat(tokenizer.encodeUnpadded("z")).containsExactly(BOS, EOS, EOS);
        }
    }

    @Test
    void aPromptThatIsTooLongLosesItsEndAndSaysWhich() {
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            assertThat(tokenizer.encode("cat cat cat cat Cat!!")).containsExactly(BOS, 7, 7, 7, 7, EOS);
            assertThat(tokenizer.truncates("cat cat cat cat Cat!!")).isTrue();
            assertThat(tokenizer.cutOff("cat cat cat cat Cat!!")).isEqualTo(Optional.of("Cat!!"));
            assertThat(tokenizer.truncates("cat cat cat cat")).isFalse();
            assertThat(tokenizer.cutOff("cat cat cat cat")).isEmpty();
            // The emoji is four bytes and so four unknown tokens, but two Java characters.
            assertThat(tokenizer.cutOff("\uD83D\uDE00 cat \u00e9")).isEqualTo(Optional.of("cat \u00e9"));
        }
    }

    @Test
    void theMapHasTheLastWordOnPaddingInFoldersOfTheOldForm() throws IOException {
        write("tokenizer_config.json", "{\"model_max_length\": 4, \"pad_token\": \"<|endoftext|>\"}");
        write("special_tokens_map.json", "{\"pad_token\": \"!\", \"bos_token\": {\"content\": \"<|startoftext|>\"}}");
        assertThat(encode("cat")).containsExactly(BOS, 7, EOS, 0);
        assertThat(encode("cat!")).as("a special token is found inside a word").containsExactly(BOS, 7, 0, EOS);
    }

    @Test
    void addedTokensDecoderMakesTheConfigTheLastWord() throws IOException {
        write("tokenizer_config.json", """
                {"model_max_length": 5, "pad_token": "<|endoftext|>", "added_tokens_decoder": {
                 "9": {"content": "<|startoftext|>"}, "10": {"content": "<|endoftext|>"}, "11": {"content": "<toy>"}}}""");
        write("special_tokens_map.json", "{\"pad_token\": \"!\"}");
        assertThat(encode("cat <toy>")).containsExactly(BOS, 7, 11, EOS, EOS);
    }

    @Test
    void aLearntTokenOfAnOldFolderIsFound() throws IOException {
        write("added_tokens.json", "{\"<toy>\": 11}");
        assertThat(encode("<toy>cat")).containsExactly(BOS, 11, 7, EOS, EOS, EOS);
        write("added_tokens.json", "{\"<toy>\": 12}");
        assertThatThrownBy(() -> ClipTokenizer.load(folder)).hasMessageContaining("has the id 12; expected 11");
    }

    @Test
    void aFolderWithoutALimitHasThatOfClip() throws IOException {
        write("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}");
        assertThat(encode("cat")).hasSize(77);
        Files.delete(folder.resolve("tokenizer_config.json"));
        assertThat(encode("cat")).hasSize(77);
    }

    @Test
    void aTokenizerJsonIsUsedAsItIsButForItsOwnCutting() throws IOException {
        ObjectNode json =
                TokenizerJson.of(folder, TokenizerSettings.read(folder)).compose();
        json.putObject("truncation")
                .put("direction", "Right")
                .put("max_length", 3)
                .put("strategy", "LongestFirst")
                .put("stride", 0);
        write("tokenizer.json", new JsonMapper().writeValueAsString(json));
        Files.delete(folder.resolve("vocab.json"));
        Files.delete(folder.resolve("merges.txt"));
        assertThat(encode("A cat cat")).containsExactly(BOS, 8, 7, 7, EOS, EOS);
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            assertThat(tokenizer.padId()).isEqualTo(EOS);
            assertThat(tokenizer.vocabularySize()).isEqualTo(11);
        }
    }

    @Test
    void aTokenizerJsonWithoutBeginAndEndIsNoClipTokenizer() throws IOException {
        ObjectNode json =
                TokenizerJson.of(folder, TokenizerSettings.read(folder)).compose();
        json.putNull("post_processor");
        write("tokenizer.json", new JsonMapper().writeValueAsString(json));
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("tokenizer.json: is no CLIP tokenizer");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            vocab.json            | {"a": 0, "b": 0}                  | has the id 0 of another token
            vocab.json            | {"a": -1}                         | has the id -1
            vocab.json            | {"a": 0.5}                        | has the id 0.5
            vocab.json            | []                                | expected a JSON object
            vocab.json            | {"a": 0, "a": 1}                  | Duplicate
            vocab.json            | `{"a": 0, "<|startoftext|>": 1}`  | has no token "<|endoftext|>"
            tokenizer_config.json | {"model_max_length": 1}           | expected an integer from 2
            tokenizer_config.json | {"bos_token": 3}                  | expected a token
            tokenizer_config.json | {"pad_token": "<pad>"}            | has no token "<pad>"
            tokenizer_config.json | {"added_tokens_decoder": {"x": "a"}} | expected token ids as keys
            """)
    void malformedFilesAreNamed(String name, String text, String message) throws IOException {
        write(name, text);
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(folder.toString());
    }

    @Test
    void aMergeThatIsNoPairOrOutsideTheVocabularyAndAMissingFileAreNamed() throws IOException {
        write("merges.txt", "#version\nc a\nc a t\n");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("merges.txt:3: expected two tokens, not \"c a t\"");
        write("merges.txt", "#version\na t\n");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(folder.toString());
        Files.delete(folder.resolve("vocab.json"));
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .hasMessageContaining(
                        "has no tokenizer: neither tokenizer.json nor vocab.json with merges.txt; copy them");
    }

    /** Ids of transformers' CLIPTokenizer with the files of openai/clip-vit-large-patch14. */
    @Test
    void thePublishedVocabularyIsOnBoardAndCanBeWritten() {
        String prompt = "A sign that says \"472\" \uD83D\uDE00, it's na\u00efve";
        int[] expected = {
            49406, 320, 2292, 682, 1563, 257, 275, 278, 273, 257, 12832, 267, 585, 568, 1097, 35689, 563, 49407
        };
        PublishedVocabulary.write(folder, Optional.of("!"));
        try (ClipTokenizer onBoard = ClipTokenizer.published(Optional.of("!"));
                ClipTokenizer written = ClipTokenizer.load(folder)) {
            assertThat(onBoard.encodeUnpadded(prompt)).isEqualTo(expected);
            assertThat(onBoard.encode(prompt)).hasSize(77).endsWith(0, 0);
            assertThat(written.encode(prompt)).isEqualTo(onBoard.encode(prompt));
            assertThat(onBoard.vocabularySize()).isEqualTo(PublishedVocabulary.SIZE);
        }
    }

    private int[] encode(String prompt) {
        try (ClipTokenizer tokenizer = ClipTokenizer.load(folder)) {
            return tokenizer.encode(prompt);
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
