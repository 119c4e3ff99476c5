package org.imagerl.toolkit.safetensors;

import java.util.Comparator;
import java.util.List;
import org.imagerl.spi.text.Quote;

/** Checks that tensors fill the data part of a file exactly: in order, no overlap, no hole, nothing left over. */
final class HeaderLayout {
    // A tensor without elements may share its begin with the next one: it comes first.
    private static final Comparator<TensorEntry> FILE_ORDER =
            Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end);

    private HeaderLayout() {}

    /** The entries in the order of their bytes. */
    static List<TensorEntry> check(String where, List<TensorEntry> entries, long dataBytes) {
        List<TensorEntry> sorted = entries.stream().sorted(FILE_ORDER).toList();
        long end = 0;
        for (TensorEntry entry : sorted) {
            checkFollows(where, entry, end);
            end = entry.end();
        }
        checkTotal(where, end, dataBytes);
        return sorted;
    }

    private static void checkFollows(String where, TensorEntry entry, long end) {
        if (entry.begin() < end) {
            throw SafetensorsHeader.damaged(
                    where,
                    "tensor " + Quote.of(entry.name()) + " begins at byte " + entry.begin()
                            + " and overlaps the tensor before it, which ends at " + end);
        }
        if (entry.begin() > end) {
            throw SafetensorsHeader.damaged(
                    where,
                    "tensor " + Quote.of(entry.name()) + " begins at byte " + entry.begin() + ", expected " + end
                            + ": there is a hole before it");
        }
    }

    private static void checkTotal(String where, long end, long dataBytes) {
        if (end > dataBytes) {
            throw SafetensorsHeader.truncated(
                    where, "its header describes " + end + " bytes of tensors, but only " + dataBytes + " are there");
        }
        if (end < dataBytes) {
            throw SafetensorsHeader.damaged(
                    where, "it has " + (dataBytes - end) + " bytes after its last tensor, which ends at byte " + end);
        }
    }
}
