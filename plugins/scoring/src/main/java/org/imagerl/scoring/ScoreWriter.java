package org.imagerl.scoring;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.imagerl.spi.UserException;
import tools.jackson.databind.json.JsonMapper;

/** Writes results, an image per line, as they come. */
public interface ScoreWriter {
    /** Columns beside those of the rewards. */
    Set<String> RESERVED = Set.of("file_name", "prompt", "error", "details");

    /** Writes a line. */
    void write(ScoreRow row) throws IOException;

    /**
     * The writer for a file name: {@code .csv} or {@code .jsonl}.
     *
     * @param header whether a table gets its header: not if lines are appended
     * @throws UserException for other endings, and for rewards whose name is that of another column
     */
    static ScoreWriter of(String fileName, List<String> rewards, Appendable out, boolean header) throws IOException {
        check(fileName, rewards);
        return isJsonLines(fileName) ? jsonLines(out) : csv(rewards, out, header);
    }

    /** Whether a file name is that of JSON lines. */
    static boolean isJsonLines(String fileName) {
        return fileName.toLowerCase(Locale.ROOT).endsWith(".jsonl");
    }

    /**
     * Whether results can be written so.
     *
     * @throws UserException as {@link #of}
     */
    static void check(String fileName, List<String> rewards) {
        rewards.stream().filter(RESERVED::contains).findFirst().ifPresent(name -> {
            throw UserException.input("a reward cannot be named " + name + ", which is another column of the results");
        });
        if (!isJsonLines(fileName) && !fileName.toLowerCase(Locale.ROOT).endsWith(".csv")) {
            throw UserException.input(
                    fileName + ": results are written as .csv or .jsonl, and as .parquet with the plugin"
                            + " imagerl-parquet (docs/scoring.md says how to get it)");
        }
    }

    /** An object per line; null for a value that is missing; {@code details} is an object. */
    private static ScoreWriter jsonLines(Appendable out) {
        JsonMapper json = JsonMapper.shared();
        return row -> {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("file_name", row.name());
            line.put("prompt", row.prompt());
            row.values().forEach((name, value) -> line.put(name, Double.isNaN(value) ? null : (Object) value));
            line.put("error", row.error().isEmpty() ? null : row.error());
            line.put("details", row.details());
            out.append(json.writeValueAsString(line)).append('\n');
        };
    }

    /**
     * A header and a line per image; nothing for a value that is missing; {@code details} is a JSON object. Texts are {@link SheetText}.
     */
    private static ScoreWriter csv(List<String> rewards, Appendable out, boolean withHeader) throws IOException {
        List<String> header = new ArrayList<>(List.of("file_name", "prompt"));
        rewards.stream().map(SheetText::guarded).forEach(header::add);
        header.addAll(List.of("error", "details"));
        CSVPrinter printer = new CSVPrinter(
                out,
                CSVFormat.RFC4180
                        .builder()
                        .setHeader(header.toArray(String[]::new))
                        .setSkipHeaderRecord(!withHeader)
                        .get());
        return row -> {
            List<Object> cells =
                    new ArrayList<>(List.of(SheetText.guarded(row.name()), SheetText.guarded(row.prompt())));
            row.values().values().forEach(value -> cells.add(Double.isNaN(value) ? "" : value));
            cells.add(SheetText.guarded(row.error()));
            cells.add(row.details().isEmpty() ? "" : JsonMapper.shared().writeValueAsString(row.details()));
            printer.printRecord(cells);
        };
    }
}
