package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;

/** The images of two runs that differ most in a reward, side by side. */
public final class ExtremesSheet {
    private ExtremesSheet() {}

    /**
     * The pairs that differ most in the first reward of a comparison: first those that b wins, then those that it loses.
     *
     * @param count pairs of each kind, at most
     * @return a PNG file
     * @throws UserException if a header or an image is missing
     */
    public static byte[] png(Comparison comparison, int count) {
        Path a = comparison.a();
        Path b = comparison.b();
        PairedScores.Names names =
                PairedScores.Names.of(comparison.lines().get(0).reward());
        Path folderA = items(a);
        Path folderB = items(b);
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (PairedScores.Pair pair : extremes(PairedScores.read(a, b), names, count)) {
            cells.add(cell(image(a, folderA, pair.nameA()), pair.prompt(), pair.a()));
            cells.add(cell(image(b, folderB, pair.nameB()), pair.prompt(), pair.b()));
        }
        String title = names.inA() + ": what the second file wins most, then what it loses most";
        List<String> headers = List.of(String.valueOf(a.getFileName()), String.valueOf(b.getFileName()));
        return PngWriter.encode(new ContactSheet(title, headers, 2, cells).render(), Map.of());
    }

    private static List<PairedScores.Pair> extremes(PairedScores scores, PairedScores.Names names, int count) {
        int sign = scores.higherIsBetter(names) ? 1 : -1;
        List<PairedScores.Pair> pairs = scores.pairs(names).stream()
                .sorted(Comparator.comparingDouble(pair -> sign * (pair.a() - pair.b())))
                .toList();
        int shown = Math.min(count, (pairs.size() + 1) / 2);
        List<PairedScores.Pair> chosen = new ArrayList<>(pairs.subList(0, shown));
        chosen.addAll(pairs.subList(Math.max(shown, pairs.size() - shown), pairs.size()));
        return chosen;
    }

    private static Path items(Path scores) {
        ScoreHeader header = ScoreHeader.read(scores);
        if (header == null) {
            throw UserException.input(ScoreHeader.file(scores)
                    + ": is not there, so it is not known where the images are; score them again");
        }
        Path source = header.source();
        return Files.isDirectory(source) ? source : source.resolveSibling(".");
    }

    /** The file of a row, found as it was when it was scored. */
    private static Path image(Path scores, Path folder, String name) {
        Path file = new ListedFiles(folder, folder.resolve("list"), true).find(name, problem -> {
            throw UserException.input(scores + ": file_name " + problem);
        });
        BoundedFile.requireRegular(Objects.requireNonNull(file));
        return file;
    }

    private static ContactSheet.Cell cell(Path file, String prompt, double score) {
        return new ContactSheet.Cell(
                ImageDecoder.decode(file), List.of(String.format(Locale.ROOT, "%.4g", score), prompt));
    }
}
