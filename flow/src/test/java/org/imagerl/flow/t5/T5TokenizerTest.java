package org.imagerl.flow.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.flow.testing.TinyT5;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class T5TokenizerTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writeTokenizer() throws IOException {
        TinyT5.writeTokenizer(folder);
    }

    @Test
    void aPromptIsItsTokensEndOfSequenceAndPadding() {
        try (T5Tokenizer tokenizer = T5Tokenizer.load(folder, 6)) {
            assertThat(tokenizer.encode("a cat")).containsExactly(3, 4, 1, 0, 0, 0);
            assertThat(tokenizer.encode("")).containsExactly(1, 0, 0, 0, 0, 0);
            assertThat(tokenizer.encode("cats")).containsExactly(4, 5, 1, 0, 0, 0);
            assertThat(tokenizer.cutOff("a cat")).isEmpty();
            assertThat(tokenizer.maxLength()).isEqualTo(6);
        }
    }

    @Test
    void theEndOfALongPromptIsCutOffAndNamed() {
        try (T5Tokenizer tokenizer = T5Tokenizer.load(folder, 4)) {
            assertThat(tokenizer.encode("a cat a")).containsExactly(3, 4, 3, 1);
            assertThat(tokenizer.cutOff("a cat a")).isEmpty();
            assertThat(tokenizer.encode("a cat a cats")).containsExactly(3, 4, 3, 1);
            assertThat(tokenizer.cutOff("a cat a cats").orElseThrow().strip()).isEqualTo("cats");
        }
    }

    @Test
    void unknownCharactersAreTheUnknownToken() {
        try (T5Tokenizer tokenizer = T5Tokenizer.load(folder, 6)) {
            assertThat(tokenizer.encode("a Q")).contains(2);
        }
    }

    @Test
    void theVocabularyIsThatOfAUnigramModel() {
        try (T5Tokenizer tokenizer = T5Tokenizer.load(folder, 6)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(TinyT5.VOCABULARY);
        }
    }

    @Test
    void aFolderWithTheSentencePieceFileAloneIsRefusedWithTheRemedy() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("spiece.model"), "");
        assertThatThrownBy(() -> T5Tokenizer.load(folder, 6))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("spiece.model")
                .hasMessageContaining("save_pretrained");
    }

    @Test
    void aTokenizerWithoutEndOfSequenceIsRefused() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, Files.readString(file).replace("</s>", "<end>"));
        assertThatThrownBy(() -> T5Tokenizer.load(folder, 6))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("</s>");
    }
}
