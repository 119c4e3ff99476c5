package org.imagerl.scoring;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.json.JsonMapper;

/**
 * Preference pairs of scored images: two images of a prompt, the better one first. The same images in the same order give the same pairs.
 *
 * @param pairs by prompt in the order in which prompts come first, then from the widest margin
 * @param prompts that have images
 * @param without prompts without a pair: with a single image, or whose scores lie within the margin
 */
public record PreferencePairs(List<Pair> pairs, int prompts, int without) {
    private static final List<String> COLUMNS =
            List.of("prompt", "chosen", "rejected", "chosen_score", "rejected_score");

    /** A pair of one prompt. */
    public record Pair(ScoredImage chosen, ScoredImage rejected) {

        /** By how much the chosen one is better. */
        double margin() {
            return chosen.score() - rejected.score();
        }

        /** In decimal digits, as people read scores: 0.6 is 0.4 above 0.2, although their binary numbers are not. */
        private boolean reaches(double margin) {
            if (!Double.isFinite(chosen.score()) || !Double.isFinite(rejected.score()) || !Double.isFinite(margin)) {
                return margin() >= margin;
            }
            return BigDecimal.valueOf(chosen.score())
                            .subtract(BigDecimal.valueOf(rejected.score()))
                            .compareTo(BigDecimal.valueOf(margin))
                    >= 0;
        }
    }

    /** Which images of a prompt become pairs. */
    public enum Choice {
        /** The best and the worst. */
        BEST_WORST,
        /** Any two. */
        ALL
    }

    /**
     * Makes pairs.
     *
     * @param margin by which the better score must exceed the other, at least 0; equal scores are never a pair
     */
    public static PreferencePairs of(List<ScoredImage> images, Choice choice, double margin) {
        Map<String, List<ScoredImage>> prompts = new LinkedHashMap<>();
        images.forEach(image -> prompts.computeIfAbsent(image.prompt(), prompt -> new ArrayList<>())
                .add(image));
        List<Pair> pairs = new ArrayList<>();
        int without = 0;
        for (List<ScoredImage> group : prompts.values()) {
            List<Pair> own = candidates(group, choice).stream()
                    .filter(pair -> pair.margin() > 0 && pair.reaches(margin))
                    .toList();
            pairs.addAll(own);
            without += own.isEmpty() ? 1 : 0;
        }
        return new PreferencePairs(List.copyOf(pairs), prompts.size(), without);
    }

    private static List<Pair> candidates(List<ScoredImage> group, Choice choice) {
        List<ScoredImage> ranked = group.stream()
                .sorted(Comparator.comparingDouble(ScoredImage::score).reversed()) // stable
                .toList();
        if (choice == Choice.BEST_WORST) {
            return List.of(new Pair(ranked.get(0), ranked.get(ranked.size() - 1)));
        }
        List<Pair> all = new ArrayList<>();
        for (int w = 0; w < ranked.size(); w++) {
            for (int l = w + 1; l < ranked.size(); l++) {
                all.add(new Pair(ranked.get(w), ranked.get(l)));
            }
        }
        return all.stream()
                .sorted(Comparator.comparingDouble(Pair::margin).reversed())
                .toList();
    }

    /**
     * Writes a table that {@code data: {type: pairs}} reads, whole or not at all. Names of images are relative to its folder where they are inside.
     *
     * @param file .csv or .jsonl
     * @return whether all images are inside the folder of the table
     * @throws UserException if its ending is another, if a spreadsheet would run a cell of a .csv, or if it cannot be written
     */
    public boolean write(Path file) {
        ScoreWriter.check(file.toString(), List.of());
        Path folder = ListedFiles.place(file).resolveSibling(".").normalize();
        AtomicFile.writeStream(file, out -> {
            Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            if (ScoreWriter.isJsonLines(file.toString())) {
                jsonLines(folder, text);
            } else {
                table(file, folder, text);
            }
            text.flush();
        });
        return pairs.stream()
                .allMatch(pair -> inside(folder, pair.chosen().file())
                        && inside(folder, pair.rejected().file()));
    }

    private void table(Path file, Path folder, Writer out) throws IOException {
        CSVPrinter printer = new CSVPrinter(
                out,
                CSVFormat.RFC4180
                        .builder()
                        .setHeader(COLUMNS.toArray(String[]::new))
                        .get());
        for (Pair pair : pairs) {
            List<Object> cells = cells(folder, pair);
            cells.forEach(cell -> requireHarmless(file, cell));
            printer.printRecord(cells);
        }
    }

    /** A training takes cells as they are, so that there is no mark that would stop a spreadsheet. */
    private static void requireHarmless(Path file, Object cell) {
        if (cell instanceof String text && !SheetText.guarded(text).equals(text)) {
            throw UserException.input(file + ": a spreadsheet would run the cell " + Quote.of(text)
                    + " as a formula; write a .jsonl, which has none");
        }
    }

    private void jsonLines(Path folder, Writer out) throws IOException {
        for (Pair pair : pairs) {
            Map<String, Object> line = new LinkedHashMap<>();
            List<Object> cells = cells(folder, pair);
            for (int i = 0; i < cells.size(); i++) {
                line.put(COLUMNS.get(i), cells.get(i));
            }
            out.append(JsonMapper.shared().writeValueAsString(line)).append('\n');
        }
    }

    private static List<Object> cells(Path folder, Pair pair) {
        return List.of(
                pair.chosen().prompt(),
                name(folder, pair.chosen().file()),
                name(folder, pair.rejected().file()),
                pair.chosen().score(),
                pair.rejected().score());
    }

    private static boolean inside(Path folder, Path file) {
        return ListedFiles.place(file).startsWith(folder);
    }

    private static String name(Path folder, Path file) {
        Path place = ListedFiles.place(file);
        return Folders.slashed(inside(folder, file) ? folder.relativize(place) : place);
    }
}
