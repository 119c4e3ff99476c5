package org.imagerl.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.cli.Main;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.TableFormat.ColumnType;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TableFormatContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetFormatTest {
    private final TableFormat parquet = new ParquetFormat(1);

    @TempDir
    private Path temporary;

    private Path folder;

    @Nested
    class Contract extends TableFormatContract {
        @Override
        protected TableFormat create() {
            return parquet;
        }
    }

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(temporary.resolve("it's \"here\""));
    }

    /** A table of these JSON lines. */
    private Path table(String name, Map<String, ColumnType> columns, String... lines) throws IOException {
        Path json = Files.write(folder.resolve(name + ".jsonl"), List.of(lines));
        parquet.fromJsonLines(json, columns, folder.resolve(name));
        Files.delete(json);
        return folder.resolve(name);
    }

    private static Map<String, ColumnType> columns(String... texts) {
        Map<String, ColumnType> columns = new LinkedHashMap<>();
        for (String text : texts) {
            columns.put(text, ColumnType.TEXT);
        }
        return columns;
    }

    private record Run(int code, String err) {
        static Run of(Object... words) {
            StringWriter err = new StringWriter();
            String[] args = List.of(words).stream().map(Object::toString).toArray(String[]::new);
            return new Run(Main.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err)), err.toString());
        }
    }

    @Test
    void whatIsWrittenIsReadBackWithItsTypes() throws IOException {
        Map<String, ColumnType> columns = columns("name", "det'ails");
        columns.put("it's", ColumnType.NUMBER);
        Path table = table(
                "t.parquet",
                columns,
                "{\"name\": \"a, \\\"b\\\"\\nc\", \"det'ails\": {\"read\": \"x\"}, \"it's\": 0.1}",
                "{\"name\": null, \"det'ails\": {}, \"it's\": null}");
        parquet.toJsonLines(table, folder.resolve("back.jsonl"));
        assertThat(Files.readAllLines(folder.resolve("back.jsonl")))
                .containsExactly(
                        "{\"name\":\"a, \\\"b\\\"\\nc\",\"det'ails\":\"{\\\"read\\\":\\\"x\\\"}\",\"it's\":0.1}",
                        "{\"name\":null,\"det'ails\":\"{}\",\"it's\":null}");
    }

    @Test
    void imagesOfAListAreScoredToATable() throws IOException {
        for (String name : List.of("a.png", "b.png")) {
            PngWriter.write(folder.resolve(name), new RgbImage(8, 8, new byte[192]), Map.of());
        }
        Path list = table(
                "list.parquet",
                columns("file_name", "prompt"),
                "{\"file_name\": \"b.png\", \"prompt\": \"second\"}",
                "{\"file_name\": \"a.png\", \"prompt\": \"first\"}",
                "{\"file_name\": \"none.png\", \"prompt\": \"third\"}");
        Path out = folder.resolve("scores.parquet");
        Run run = Run.of("score", list, "--reward", "jpeg-compressibility", "--out", out);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("1 of 3 images have no score").contains("none.png");
        parquet.toJsonLines(out, folder.resolve("back.jsonl"));
        List<String> rows = Files.readAllLines(folder.resolve("back.jsonl"));
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0))
                .startsWith("{\"file_name\":\"b.png\",\"prompt\":\"second\",\"jpeg-compressibility\":-0.");
        assertThat(rows.get(2)).contains("\"jpeg-compressibility\":null", "none.png: no such file");
        assertThat(Run.of("score", list, "--reward", "jpeg-compressibility", "--out", out, "--resume")
                        .code())
                .isEqualTo(2);
        assertThat(Run.of("score", list, "--reward", "jpeg-compressibility", "--out", out)
                        .err())
                .contains("exists already");
    }

    @Test
    void whatIsNoListIsSaidOfTheTable() throws IOException {
        Path empty = table(
                "p.parquet",
                columns("file_name", "prompt"),
                "{\"file_name\": \"a.png\", \"prompt\": \"x\"}",
                "{\"file_name\": null, \"prompt\": \"y\"}");
        Run run = Run.of("score", empty, "--reward", "jpeg-compressibility", "--out", folder.resolve("s.csv"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(empty + ":2: file_name: is missing");
        Path broken = Files.writeString(folder.resolve("broken.parquet"), "PAR1 and nothing more");
        assertThatThrownBy(() -> parquet.toJsonLines(broken, folder.resolve("x.jsonl")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("broken.parquet: cannot be read as Parquet");
        Run none = Run.of("score", folder.resolve("none.parquet"), "--reward", "jpeg-compressibility");
        assertThat(none.err()).contains("none.parquet").contains("no such file");
    }
}
