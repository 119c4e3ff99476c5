package org.imagerl.scoring.reward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;

/**
 * The scores of some images by several rewards.
 *
 * @param columns a column per reward, each with a score per image
 */
public record RewardTable(List<Column> columns) {

    /**
     * The scores of one reward.
     *
     * @param name in logs
     * @param weight in the sum
     * @param spec what the numbers mean
     * @param scores a score per image
     * @param milliseconds that scoring took
     */
    public record Column(String name, double weight, Reward.Spec spec, List<Score> scores, double milliseconds) {

        /** A value per image; NaN where there is none. */
        public double[] values() {
            return scores.stream().mapToDouble(Score::value).toArray();
        }
    }

    /** Number of images; 0 where no reward scored any. */
    public int size() {
        return columns.isEmpty() ? 0 : columns.get(0).scores().size();
    }

    /** Per image the weighted sum over the rewards; NaN where one of them has no value. */
    public double[] totals() {
        double[] totals = new double[size()];
        for (Column column : columns) {
            double[] values = column.values();
            Arrays.setAll(totals, i -> totals[i] + column.weight() * values[i]);
        }
        return totals;
    }

    /**
     * Makes sure that there is something to train on.
     *
     * @throws UserException with the reason, if a reward failed for every image
     */
    public void requireSome() {
        for (Column column : columns) {
            if (size() > 0 && column.scores().stream().noneMatch(Score::ok)) {
                throw UserException.input("reward " + column.name() + " could not score any of " + size()
                        + " images; the first: " + column.scores().get(0).error());
            }
        }
    }

    /**
     * The table with scores of another one in some places.
     *
     * @param rows images of this table
     * @param other of the same rewards
     * @param of as many images of the other table
     */
    public RewardTable replaced(int[] rows, RewardTable other, int[] of) {
        List<Column> mended = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            Column given = other.columns.get(c);
            List<Score> scores = new ArrayList<>(column.scores);
            for (int i = 0; i < rows.length; i++) {
                scores.set(rows[i], given.scores.get(of[i]));
            }
            mended.add(new Column(
                    column.name,
                    column.weight,
                    column.spec,
                    List.copyOf(scores),
                    column.milliseconds + given.milliseconds));
        }
        return new RewardTable(List.copyOf(mended));
    }

    /** The tables of several batches as one, in their order. At least one. */
    public static RewardTable concat(List<RewardTable> tables) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < tables.get(0).columns().size(); i++) {
            List<Score> scores = new ArrayList<>();
            double milliseconds = 0;
            for (RewardTable table : tables) {
                scores.addAll(table.columns().get(i).scores());
                milliseconds += table.columns().get(i).milliseconds();
            }
            Column first = tables.get(0).columns().get(i);
            columns.add(new Column(first.name(), first.weight(), first.spec(), List.copyOf(scores), milliseconds));
        }
        return new RewardTable(List.copyOf(columns));
    }
}
