package org.imagerl.hub.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.Objects;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerCheckTest {
    private static final String WORDS =
            "{'type': 'WordLevel', 'unk_token': '?', 'vocab': {'?': 0, 'a': 1, 'A': 2, 'fi': 3, '...': 4}}";

    @TempDir
    Path folder;

    @Test
    void aSentencePieceMapOfCharactersIsApplied() throws IOException {
        String map = "{'type': 'Precompiled', 'precompiled_charsmap': '" + characterMap() + "'}";
        try (JsonTokenizer tokenizer = tokenizer(map, "null", "null", WORDS)) {
            assertThat(tokenizer.ids("\uFF21", false)).containsExactly(2);
            assertThat(tokenizer.ids("\uFB01", false)).containsExactly(3);
            assertThat(tokenizer.ids("\u2026", false)).containsExactly(4);
        }
    }

    @Test
    void anyByteOfAMapOfCharactersCanBeWrongWithoutHarm() throws IOException {
        byte[] map = Base64.getDecoder().decode(characterMap());
        int refused = 0;
        for (int i = 0; i < map.length; i += 7) {
            byte[] wrong = map.clone();
            wrong[i] ^= (byte) 0xff;
            String base64 = Base64.getEncoder().encodeToString(wrong);
            String normalizer = "{'type': 'Precompiled', 'precompiled_charsmap': '" + base64 + "'}";
            try (JsonTokenizer tokenizer = tokenizer(normalizer, "null", "null", WORDS)) {
                // What passes the check may be another map, but it ends nothing.
                assertThat(tokenizer.ids("a\uFF21\uFB01\u2026\u00e9\uD83D\uDE00", false))
                        .isNotEmpty();
            } catch (UserException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//////////8=",
                "AAAAAA==",
                "",
                "no base64",
                "BAAAAAAAAAA=",
                "BAAAAP////8=",
            })
    void aMapOfCharactersThatIsNoneIsRefused(String base64) {
        refused("{'type': 'Precompiled', 'precompiled_charsmap': '" + base64 + "'}", "null", "null", WORDS)
                .hasMessageContaining("precompiled_charsmap");
    }

    @Test
    void stepsThatMultiplyATextAreRefused() {
        String twice = "{'type': 'Replace', 'pattern': {'String': 'a'}, 'content': 'aa'}";
        refused(sequence("normalizers", Collections.nCopies(20, twice).toArray(String[]::new)), "null", "null", WORDS)
                .hasMessageContaining("times as long");
        String often = "{'type': 'Replace', 'pattern': {'Regex': 'x*'}, 'content': '" + "a".repeat(100) + "'}";
        refused(often, "null", "null", WORDS).hasMessageContaining("times as long");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(a|a)*b",
                "a*a*a*b",
                "(?:a*)*",
                "(a)\\\\1",
                "\\\\k<a>",
                "(?<a>b\\\\g<a>)",
                "a{100000}",
                "a**",
                "(a{1,10}){1,10}b",
                "[a",
                "(a",
                "a)",
                "(*FAIL)",
                "(?x)a",
                "[\\\\s]*\\\\s*(?=x)",
            })
    void aPatternThatCanTakeLongIsRefused(String regex) {
        refused(
                        "null",
                        "{'type': 'Split', 'pattern': {'Regex': '" + regex
                                + "'}, 'behavior': 'Isolated', 'invert': false}",
                        "null",
                        WORDS)
                .hasMessageContaining("expected a pattern whose time is bounded");
    }

    /** Of the tokenizer.json of CLIP, Qwen 2, o200k, DeepSeek, SigLIP, BLOOM. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<\\\\|startoftext\\\\|>|<\\\\|endoftext\\\\|>|''s|''t|[\\\\p{L}]+|[\\\\p{N}]|[^\\\\s\\\\p{L}\\\\p{N}]+",
                "(?i:''s|''t|''re|''ve|''m|''ll|''d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*"
                        + "|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+",
                "[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?[\\\\p{Lu}\\\\p{Lt}\\\\p{M}]*[\\\\p{Ll}\\\\p{M}]+(?i:''s|''t)?|\\\\p{N}{1,3}",
                "[!#$%&()*+,\\\\-./:;<=>?@\\\\[\\\\\\\\\\\\]^_`{|}~]",
                " {2,}",
                " ?[^(\\\\s|[.,!?\u2026])]+",
                "\\\\s+",
            })
    void thePatternsOfPublishedTokenizersPass(String regex) {
        String pattern = "{'Regex': '" + regex.replace("''", "\\u0027") + "'}";
        String split = "{'type': 'Split', 'pattern': " + pattern + ", 'behavior': 'Removed', 'invert': true}";
        String replace = "{'type': 'Replace', 'pattern': " + pattern + ", 'content': ' '}";
        try (JsonTokenizer tokenizer = tokenizer(replace, split, "null", WORDS)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'WordLevel', 'unk_token': '[UNK]', 'vocab': {'a': 1}}",
                "{'type': 'WordPiece', 'unk_token': '[UNK]', 'vocab': {'a': 1}, 'continuing_subword_prefix': '##',"
                        + " 'max_input_chars_per_word': 100}",
                "{'type': 'WordPiece', 'unk_token': 'a', 'vocab': {'a': 1}, 'max_input_chars_per_word': 1000000000}",
                "{'type': 'BPE', 'vocab': {'a': 4294967295}, 'merges': []}",
                "{'type': 'BPE', 'vocab': {'a': -1}, 'merges': []}",
                "{'type': 'BPE', 'vocab': {'a': 1.5}, 'merges': []}",
                "{'type': 'BPE', 'vocab': {}, 'merges': []}",
                "{'type': 'BPE', 'dropout': 0.5, 'vocab': {'a': 1}, 'merges': []}",
                "{'type': 'BPE', 'vocab': {'a': 0, 'b': 1, 'ab': 2}, 'merges': ['a b'], 'continuing_subword_prefix': '##'}",
                "{'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': [['a', 'b']]}",
                "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': ['a']}",
                "{'type': 'Unigram', 'unk_id': 7, 'vocab': [['a', 0]]}",
                "{'type': 'Unigram', 'unk_id': null, 'vocab': [['a', 0]]}",
                "{'type': 'Unigram', 'unk_id': 0, 'vocab': [['', 0]]}",
                "{'type': 'Unigram', 'unk_id': 0, 'vocab': [['a', 1e400]]}",
                "{'type': 'Unigram', 'unk_id': 0, 'vocab': []}",
                "{'type': 'Elsewhere', 'vocab': {'a': 0}}",
                "null",
                "[]",
            })
    void aModelWithAHoleIsRefused(String model) {
        refused("null", "null", "null", model).hasMessageContaining("model");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': '[X]', 'type_id': 0}}], 'special_tokens': {}}",
                "{'type': 'TemplateProcessing', 'single': [{'Sequence': {'id': 'B', 'type_id': 0}}], 'special_tokens': {}}",
                "{'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': 'x', 'type_id': 0}}],"
                        + " 'special_tokens': {'x': {'id': 'x', 'ids': [1, 2], 'tokens': ['a']}}}",
                "{'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': 'x', 'type_id': 0}}],"
                        + " 'special_tokens': {'x': {'id': 'y', 'ids': [1], 'tokens': ['a']}}}",
                "{'type': 'TemplateProcessing', 'single': ['$A'], 'special_tokens': []}",
                "{'type': 'BertProcessing', 'sep': ['a', 4294967295], 'cls': ['a', 1]}",
                "{'type': 'RobertaProcessing', 'sep': ['a'], 'cls': ['a', 1]}",
                "{'type': 'Elsewhere'}",
            })
    void aPostProcessorThatNamesWhatIsNotThereIsRefused(String processor) {
        refused("null", "null", processor, WORDS).hasMessageContaining("post_processor");
        refused("null", "null", sequence("processors", processor), WORDS).hasMessageContaining("processors[0]");
    }

    @Test
    void stepsThatAreNotKnownAreRefusedByName() {
        refused("{'type': 'Wander'}", "null", "null", WORDS)
                .hasMessageContaining("\"Wander\"; supported: BertNormalizer");
        refused("null", "{'type': 'FixedLength', 'length': 0}", "null", WORDS)
                .hasMessageContaining("\"FixedLength\"; supported: BertPreTokenizer");
        refused("null", "{'type': 'Metaspace', 'replacement': ''}", "null", WORDS)
                .hasMessageContaining("expected one character");
    }

    @Test
    void aTypeWithTerminalCommandsIsQuotedAndShort() {
        refused("{'type': '\\u001b[2J" + "x".repeat(90) + "'}", "null", "null", WORDS)
                .hasMessageContaining("\\u001b[2Jx")
                .hasMessageNotContaining("\u001b");
    }

    @Test
    void whatEncodingDoesNotNeedIsNotReadAtAll() {
        String json =
                ("{'truncation': {'max_length': 0, 'stride': 99}, 'padding': {'strategy': {'Fixed': 99999999999}},"
                                + "'decoder': {'type': 'Elsewhere'}, 'model': " + WORDS + "}")
                        .replace('\'', '"');
        try (JsonTokenizer tokenizer = read(json)) {
            assertThat(tokenizer.ids("a", false)).containsExactly(1);
        }
    }

    @Test
    void aVeryLongTextIsReadToItsFirst8192Characters() {
        String letters = "{'type': 'Split', 'pattern': {'Regex': '.'}, 'behavior': 'Isolated', 'invert': false}";
        try (JsonTokenizer tokenizer = tokenizer("null", letters, "null", WORDS)) {
            assertThat(tokenizer.ids("a".repeat(100_000), false)).hasSize(8192);
        }
    }

    @Test
    void anIdThatTheFileDoesNotListIsRefusedWhenItIsGiven() {
        String json = ("{'added_tokens': [{'id': 0, 'content': 'new', 'single_word': false, 'lstrip': false,"
                        + " 'rstrip': false, 'normalized': false, 'special': true}],"
                        + " 'model': {'type': 'WordLevel', 'unk_token': 'a', 'vocab': {'a': 0, 'b': 0, 'c': 0}}}")
                .replace('\'', '"');
        try (JsonTokenizer tokenizer = read(json)) {
            assertThatThrownBy(() -> tokenizer.ids("new", false))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("its highest is 0");
        }
    }

    private org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(
            String normalizer, String preTokenizer, String processor, String model) {
        return assertThatThrownBy(() ->
                        tokenizer(normalizer, preTokenizer, processor, model).close())
                .isInstanceOf(UserException.class);
    }

    private JsonTokenizer tokenizer(String normalizer, String preTokenizer, String processor, String model) {
        return read(("{'version': '1.0', 'normalizer': " + normalizer + ", 'pre_tokenizer': " + preTokenizer
                        + ", 'post_processor': " + processor + ", 'model': " + model + "}")
                .replace('\'', '"'));
    }

    private JsonTokenizer read(String json) {
        try {
            Path file = folder.resolve("tokenizer.json");
            Files.writeString(file, json);
            return JsonTokenizer.read(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String sequence(String key, String... steps) {
        return "{'type': 'Sequence', '" + key + "': [" + String.join(", ", steps) + "]}";
    }

    /** Made by SentencePiece 0.2 from the rules U+FF21 to A, U+FB01 to fi, U+2026 to three dots. */
    private static String characterMap() throws IOException {
        try (InputStream in = Objects.requireNonNull(TokenizerCheckTest.class.getResourceAsStream("charsmap.base64"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
        }
    }
}
