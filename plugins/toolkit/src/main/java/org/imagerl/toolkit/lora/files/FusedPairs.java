package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.spi.lora.LoraPair;

/**
 * Joins the adapters of layers that are parts of one layer, whose output is their outputs one after the other, into one
 * adapter of that layer, and splits it again. In the joined adapter the down matrices are stacked, and the up matrices
 * are the blocks of a block-diagonal matrix.
 */
final class FusedPairs {
    private FusedPairs() {}

    /**
     * One adapter of several; the update of each part is the same as before.
     *
     * @param parts by the index of the part; parts without an adapter are absent
     * @param widths outputs of all parts
     */
    static LoraPair fuse(SortedMap<Integer, LoraPair> parts, int... widths) {
        List<LoraPair> pairs = List.copyOf(parts.values());
        int in = Math.toIntExact(pairs.get(0).downShape().get(1));
        int rank = pairs.stream().mapToInt(LoraPair::rank).sum();
        int out = Arrays.stream(widths).sum();
        double scale = pairs.stream()
                .mapToDouble(LoraPair::scale)
                .filter(s -> s != 0)
                .findFirst()
                .orElse(1);
        float[] down = new float[Math.multiplyExact(rank, in)];
        float[] up = new float[Math.multiplyExact(out, rank)];
        int column = 0;
        for (int part = 0, row = 0; part < widths.length; row += widths[part], part++) {
            LoraPair pair = parts.get(part);
            if (pair != null) {
                System.arraycopy(pair.down(), 0, down, column * in, pair.down().length);
                putBlock(up, rank, row, column, pair, (float) (pair.scale() / scale));
                column += pair.rank();
            }
        }
        return new LoraPair(down, new Shape(rank, in), up, new Shape(out, rank), scale * rank);
    }

    private static void putBlock(float[] up, int rank, int row, int column, LoraPair pair, float factor) {
        int own = pair.rank();
        for (int i = 0; i < pair.up().length; i++) {
            up[(row + i / own) * rank + column + i % own] = factor * pair.up()[i];
        }
    }

    /**
     * The adapters of the parts: each keeps what it uses of the rank, and its strength. Parts that are not changed are absent.
     *
     * @param widths outputs of all parts, as many as the adapter has
     */
    static SortedMap<Integer, LoraPair> split(LoraPair whole, int... widths) {
        SortedMap<Integer, LoraPair> parts = new TreeMap<>();
        for (int part = 0, row = 0; part < widths.length; row += widths[part], part++) {
            int[] columns = used(whole, row, widths[part]);
            if (columns.length > 0) {
                parts.put(part, part(whole, row, widths[part], columns));
            }
        }
        return parts;
    }

    /** The columns of the up matrix that are not zero in these rows. */
    private static int[] used(LoraPair whole, int row, int rows) {
        int rank = whole.rank();
        List<Integer> used = new ArrayList<>();
        for (int column = 0; column < rank; column++) {
            for (int i = row; i < row + rows; i++) {
                if (whole.up()[i * rank + column] != 0) {
                    used.add(column);
                    break;
                }
            }
        }
        return used.stream().mapToInt(Integer::intValue).toArray();
    }

    private static LoraPair part(LoraPair whole, int row, int rows, int... columns) {
        int in = Math.toIntExact(whole.downShape().get(1));
        int rank = columns.length;
        float[] down = new float[rank * in];
        float[] up = new float[rows * rank];
        for (int k = 0; k < rank; k++) {
            System.arraycopy(whole.down(), columns[k] * in, down, k * in, in);
            for (int i = 0; i < rows; i++) {
                up[i * rank + k] = whole.up()[(row + i) * whole.rank() + columns[k]];
            }
        }
        return new LoraPair(down, new Shape(rank, in), up, new Shape(rows, rank), whole.scale() * rank);
    }

    /** The adapter of a layer whose two halves of outputs have changed places. */
    static LoraPair halvesSwapped(LoraPair pair) {
        int half = pair.up().length / 2;
        float[] up = new float[pair.up().length];
        System.arraycopy(pair.up(), half, up, 0, half);
        System.arraycopy(pair.up(), 0, up, half, half);
        return new LoraPair(pair.down(), pair.downShape(), up, pair.upShape(), pair.alpha());
    }
}
