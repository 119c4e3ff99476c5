package org.imagerl.ctrl.classifier;

import java.util.Locale;

/**
 * A confusion matrix: counts by right class and predicted class.
 *
 * @param counts row: the class it is, column: the class it was taken for
 */
record Confusion(int[][] counts) {

    static Confusion of(int classes, int[] labels, int[] guesses) {
        int[][] counts = new int[classes][classes];
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]][guesses[i]]++;
        }
        return new Confusion(counts);
    }

    /** The index of the largest value, the first of equal ones. */
    static int largest(double... values) {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            best = values[k] > values[best] ? k : best;
        }
        return best;
    }

    double accuracy() {
        int right = 0;
        int all = 0;
        for (int k = 0; k < counts.length; k++) {
            right += counts[k][k];
            all += row(k);
        }
        return (double) right / all;
    }

    /** The mean over classes of the harmonic mean of precision and recall; a class that is neither present nor predicted counts as 0. */
    double macroF1() {
        double sum = 0;
        for (int k = 0; k < counts.length; k++) {
            int both = row(k) + column(k);
            sum += both == 0 ? 0 : 2.0 * counts[k][k] / both;
        }
        return sum / counts.length;
    }

    private int row(int k) {
        int sum = 0;
        for (int count : counts[k]) {
            sum += count;
        }
        return sum;
    }

    private int column(int k) {
        int sum = 0;
        for (int[] row : counts) {
            sum += row[k];
        }
        return sum;
    }

    /** The matrix as a table of text. */
    String table() {
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%12s", "is \\ taken"));
        for (int k = 0; k < counts.length; k++) {
            table.append(String.format(Locale.ROOT, "%8d", k));
        }
        for (int k = 0; k < counts.length; k++) {
            table.append(String.format(Locale.ROOT, "%n%12d", k));
            for (int count : counts[k]) {
                table.append(String.format(Locale.ROOT, "%8d", count));
            }
        }
        return table.append(String.format(Locale.ROOT, "%n")).toString();
    }
}
