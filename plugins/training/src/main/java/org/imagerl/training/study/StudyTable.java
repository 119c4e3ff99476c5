package org.imagerl.training.study;

import java.util.List;
import java.util.stream.Stream;
import org.imagerl.config.Default;
import org.imagerl.config.Range;

/** What a report tabulates; each kind is written by its own class. All numbers are means over seeds with their standard errors. */
sealed interface StudyTable {

    /** The table in Markdown, with a line on how to read it. */
    String markdown(Outcomes outcomes);

    /** The metrics that it reads of runs. */
    List<String> asksFor();

    /**
     * Metrics before training and at the last evaluation: {@code type: last}.
     *
     * @param metrics a column each
     */
    record Last(List<String> metrics) implements StudyTable {
        @Override
        public String markdown(Outcomes outcomes) {
            return LastTable.markdown(this, outcomes);
        }

        @Override
        public List<String> asksFor() {
            return metrics;
        }
    }

    /**
     * How much sooner arms reach the best that a reference arm reaches with the same seed: {@code type: reach}.
     *
     * @param metric that is reached, higher is better
     * @param reference arm
     * @param arms that are compared with it
     * @param costs metrics that are summed over epochs
     */
    record Reach(String metric, String reference, List<String> arms, List<String> costs) implements StudyTable {
        @Override
        public String markdown(Outcomes outcomes) {
            return ReachTable.markdown(this, outcomes);
        }

        @Override
        public List<String> asksFor() {
            return Stream.concat(Stream.of(metric), costs.stream()).toList();
        }
    }

    /**
     * What other metrics are when one first crosses a level: {@code type: at-equal}.
     *
     * @param proxy the metric that is trained on
     * @param levels of it
     * @param metrics that are read there, linearly between evaluations
     * @param arms all if empty
     */
    record AtEqual(
            String proxy,
            List<Double> levels,
            List<String> metrics,
            @Default("[]") List<String> arms) implements StudyTable {
        @Override
        public String markdown(Outcomes outcomes) {
            return AtEqualTable.markdown(this, outcomes);
        }

        @Override
        public List<String> asksFor() {
            return Stream.concat(Stream.of(proxy), metrics.stream()).toList();
        }
    }

    /**
     * Log-ratios and gradient norms by step of the trajectory, of runs with {@code run.diagnose_every}: {@code type: steps}.
     *
     * @param arms all if empty
     */
    record Steps(@Default("[]") List<String> arms) implements StudyTable {
        @Override
        public String markdown(Outcomes outcomes) {
            return StepsTable.markdown(this, outcomes);
        }

        @Override
        public List<String> asksFor() {
            return List.of(); // those of run.diagnose_every
        }
    }

    /**
     * What every run logged of its own images at its end, for epochs of few images: {@code type: settled}.
     *
     * @param metrics a column each
     * @param epochs the mean is over this many last ones that noted the metric
     */
    record Settled(
            List<String> metrics,
            @Default("20") @Range(min = 1) int epochs) implements StudyTable {
        @Override
        public String markdown(Outcomes outcomes) {
            return SettledTable.markdown(this, outcomes);
        }

        @Override
        public List<String> asksFor() {
            return metrics;
        }
    }

    /**
     * What whole runs cost: {@code type: cost}.
     *
     * @param costs metrics that are summed over epochs, a column each
     */
    record Cost(List<String> costs) implements StudyTable {
        @Override
        public String markdown(Outcomes outcomes) {
            return CostTable.markdown(this, outcomes);
        }

        @Override
        public List<String> asksFor() {
            return costs;
        }
    }

    /**
     * Differences of arms from a base with the same seed, in order, with intervals and a count of those beyond chance: {@code type: paired}.
     *
     * @param base arm
     * @param metric whose last value is compared, higher is better
     * @param arms that are compared with it; all if empty
     */
    record Paired(String base, String metric, @Default("[]") List<String> arms) implements StudyTable {
        @Override
        public String markdown(Outcomes outcomes) {
            return PairedTable.markdown(this, outcomes);
        }

        @Override
        public List<String> asksFor() {
            return List.of(metric);
        }
    }
}
