package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.imagerl.spi.TableFormat;
import org.imagerl.spi.TableFormat.ColumnType;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** What every format of tables must do; extend it with a test of your own. */
public abstract class TableFormatContract {
    @TempDir
    private Path folder;

    /** A fresh one. */
    protected abstract TableFormat create();

    private static Map<String, ColumnType> columns() {
        Map<String, ColumnType> columns = new LinkedHashMap<>();
        columns.put("prompt", ColumnType.TEXT);
        columns.put("it's \"here\"", ColumnType.TEXT);
        columns.put("reward", ColumnType.NUMBER);
        return columns;
    }

    private List<ObjectNode> passed(String... lines) throws IOException {
        Path written = Files.write(folder.resolve("written.jsonl"), List.of(lines));
        Path table = folder.resolve("a table");
        Path read = folder.resolve("read.jsonl");
        create().fromJsonLines(written, columns(), table);
        create().toJsonLines(table, read);
        List<ObjectNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(read)) {
            Path one = Files.writeString(folder.resolve("row.json"), line);
            rows.add(StrictJson.object(one));
        }
        return rows;
    }

    private static String text(ObjectNode row, String column) {
        return row.path(column).asString("");
    }

    /** What is written is read again: rows and columns, letters of all kinds, numbers to the last bit, and what is absent. */
    @Test
    public void whatIsWrittenIsReadBack() throws IOException {
        List<ObjectNode> rows = passed(
                "{\"prompt\": \"a \\\"cat\\\",\\n\\u00e9 \\u732b\", \"it's \\\"here\\\"\": \"1\", \"reward\": 0.1}",
                "{\"prompt\": \"second\", \"it's \\\"here\\\"\": \"\", \"reward\": -1.5e-300}",
                "{\"prompt\": \"third\", \"it's \\\"here\\\"\": \"x\", \"reward\": null}");
        assertThat(rows).hasSize(3);
        assertThat(new TreeSet<>(rows.get(0).propertyNames()))
                .isEqualTo(new TreeSet<>(columns().keySet()));
        assertThat(text(rows.get(0), "prompt")).isEqualTo("a \"cat\",\n\u00e9 \u732b");
        assertThat(text(rows.get(0), "it's \"here\"")).isEqualTo("1");
        assertThat(rows.get(0).path("reward").asDouble(0)).isEqualTo(0.1);
        assertThat(rows.get(1).path("reward").asDouble(0)).isEqualTo(-1.5e-300);
        assertThat(rows.get(2).path("reward").isNumber())
                .as("a number in the place of none")
                .isFalse();
        assertThat(rows).extracting(row -> text(row, "prompt")).element(2).isEqualTo("third");
    }

    @Test
    public void aFileThatIsNoTableIsRefusedByItsName() throws IOException {
        Path other = Files.write(folder.resolve("no table"), new byte[] {0, 1, 2, '{', 3});
        assertThatThrownBy(() -> create().toJsonLines(other, folder.resolve("read.jsonl")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no table");
    }
}
