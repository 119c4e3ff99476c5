package org.imagerl.ctrl.classifier;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.ctrl.control.Control;

/** The report on a trained classifier, as text and for its manifest. */
final class ClassifierReport {
    static final String FILE = "report.txt";

    private ClassifierReport() {}

    /**
     * Describes one control on held-out images.
     *
     * @param lines takes the numbers and the confusion matrix
     * @param numbers takes the same by name
     */
    static void describe(
            Control control,
            Calibration calibration,
            double temperature,
            List<String> lines,
            Map<String, Double> numbers) {
        int[] guesses =
                calibration.logits().stream().mapToInt(Confusion::largest).toArray();
        Confusion confusion = Confusion.of(control.classes(), calibration.labels(), guesses);
        double before = calibration.expectedCalibrationError(1);
        double after = calibration.expectedCalibrationError(temperature);
        lines.add(String.format(
                Locale.ROOT,
                "%s: accuracy %.3f, macro-F1 %.3f; temperature %.3f: calibration error %.3f before, %.3f after; -log p %.3f, %.3f",
                control.name(),
                confusion.accuracy(),
                confusion.macroF1(),
                temperature,
                before,
                after,
                calibration.negativeLogLikelihood(1),
                calibration.negativeLogLikelihood(temperature)));
        lines.add(confusion.table());
        numbers.put(control.name() + "_accuracy", confusion.accuracy());
        numbers.put(control.name() + "_macro_f1", confusion.macroF1());
        numbers.put(control.name() + "_calibration_error_before", before);
        numbers.put(control.name() + "_calibration_error", after);
        numbers.put(control.name() + "_negative_log_likelihood", calibration.negativeLogLikelihood(temperature));
    }
}
