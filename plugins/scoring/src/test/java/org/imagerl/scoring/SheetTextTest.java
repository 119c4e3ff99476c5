package org.imagerl.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SheetTextTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+a", "-a", "@a", "\t=1", "\r=1", "\n=1", "\uFF1D1", "'=1", "''@", "=a\nb"})
    void noTextIsAFormulaAndReadingTakesBackWhatWritingAdded(String text) {
        assertThat(SheetText.guarded(text)).isEqualTo("'" + text);
        assertThat(SheetText.plain(SheetText.guarded(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "'", "'a'", "a cat", "a=1", "\"=1\"", "'a sign'"})
    void otherTextsStayAsTheyAre(String text) {
        assertThat(SheetText.guarded(text)).isEqualTo(text);
        assertThat(SheetText.plain(text)).isEqualTo(text);
    }

    @Test
    void tablesOfResultsKeepTextsAndNumbers() throws IOException {
        ScoreRow row =
                new ScoreRow("-a, \"b\"\n.png", "=HYPERLINK(\"x\")", Map.of("=red", -1.5), Map.of(), "@error: '");
        Path file = folder.resolve("s.csv");
        try (ScoreFile out = ScoreFile.create(file, List.of("=red"))) {
            out.write(List.of(row));
        }
        assertThat(Files.readString(file)).contains("\"'=HYPERLINK(", ",-1.5,", "'=red");
        List<ScoreRow> read = new ArrayList<>();
        ScoreReader.read(file, read::add);
        assertThat(read).containsExactly(row);
    }

    @Test
    void resultsThatASpreadsheetSavedAreRead() throws IOException {
        Path file = Files.writeString(
                folder.resolve("s.csv"), "\uFEFF,file_name,prompt,red,error,details\r\n0,a.png,x,1,,\r\n\r\n");
        List<ScoreRow> read = new ArrayList<>();
        ScoreReader.read(file, read::add);
        assertThat(read).containsExactly(new ScoreRow("a.png", "x", Map.of("red", 1.0), Map.of(), ""));
    }
}
