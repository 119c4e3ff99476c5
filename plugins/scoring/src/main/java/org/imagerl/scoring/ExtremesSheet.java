package org.imagerl.scoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngWriter;

/** The images of two runs that differ most in a reward, side by side. */
public final class ExtremesSheet {
    private ExtremesSheet() {}

    /**
     * The pairs that differ most in the first reward of a comparison: first those that b wins, then those that it loses.
     *
     * @param count pairs of each kind, at most
     * @return a PNG file
     * @throws org.imagerl.spi.UserException if a header or an image is missing
     */
    public static byte[] png(Comparison comparison, int count) {
        Path a = comparison.a();
        Path b = comparison.b();
        PairedScores.Names names =
                PairedScores.Names.of(comparison.lines().get(0).reward());
        ScoredImages imagesA = ScoredImages.of(a);
        ScoredImages imagesB = ScoredImages.of(b);
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (Comparison.Extreme pair : comparison.extremes(count)) {
            cells.add(cell(imagesA.find(pair.nameA()), pair.prompt(), pair.a()));
            cells.add(cell(imagesB.find(pair.nameB()), pair.prompt(), pair.b()));
        }
        String title = names.inA() + ": what the second file wins most, then what it loses most";
        List<String> headers = List.of(String.valueOf(a.getFileName()), String.valueOf(b.getFileName()));
        return PngWriter.encode(new ContactSheet(title, headers, 2, cells).render(), Map.of());
    }

    private static ContactSheet.Cell cell(Path file, String prompt, double score) {
        return new ContactSheet.Cell(
                ImageDecoder.decode(file), List.of(String.format(Locale.ROOT, "%.4g", score), prompt));
    }
}
