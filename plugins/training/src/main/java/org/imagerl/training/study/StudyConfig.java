package org.imagerl.training.study;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.imagerl.config.Default;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * The file of a study: the reference of every key.
 *
 * @param question what is asked, in a sentence; it heads the report
 * @param seeds of the runs of every arm
 * @param prepare command lines of imagerl, without its name, run one after another before the first run that is not finished
 * @param arms what is compared
 * @param set overrides for all runs, as {@code --set} takes them
 * @param tune what is chosen for every arm by itself, with the same effort for each; null is nothing
 * @param curves one chart each
 * @param tables one after another in the report
 */
record StudyConfig(
        String question,
        List<Long> seeds,
        @Default("[]") List<String> prepare,
        List<Arm> arms,
        @Default("[]") List<String> set,
        @Nullable Tune tune,
        @Default("[]") List<Curve> curves,
        List<StudyTable> tables) {

    /** Refuses studies without runs, and names that mean two things. */
    public StudyConfig {
        if (seeds.isEmpty() || seeds.size() != Set.copyOf(seeds).size()) {
            throw new IllegalArgumentException("seeds must be at least one, and each once");
        }
        prepare.forEach(CommandWords::split);
        Set<String> names = new HashSet<>();
        if (arms.isEmpty() || !arms.stream().allMatch(arm -> names.add(arm.name))) {
            throw new IllegalArgumentException("arms must be at least one, each with a name of its own");
        }
    }

    /**
     * One of the configurations that are compared.
     *
     * @param name in tables and in the names of runs
     * @param config the configuration of a training run, relative to the study's file
     * @param set overrides for this arm, after those of the study
     */
    public record Arm(
            String name, String config, @Default("[]") List<String> set) {
        /** Refuses names that are none for a file. */
        public Arm {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,39}")) {
                throw new IllegalArgumentException("name must be 1 to 40 letters, digits, dots, dashes or underscores");
            }
        }
    }

    /**
     * A setting that every arm chooses from the same values, with the study's first seed.
     *
     * @param key of a run's configuration
     * @param values that are tried
     * @param by the metric that decides: the value with the highest last one is taken
     * @param set overrides for the runs that choose, for instance other held-out prompts; if there are any, these runs are none of the arm's, else the chosen one is
     *     the first of its seeds
     */
    public record Tune(
            String key,
            List<Double> values,
            String by,
            @Default("[]") List<String> set) {
        /** Refuses a choice without a choice. */
        public Tune {
            if (values.size() < 2 || values.size() != Set.copyOf(values).size()) {
                throw new IllegalArgumentException("values must be at least two, and each once");
            }
        }

        /** Whether the runs that choose are none of the arm's. */
        boolean apart() {
            return !set.isEmpty();
        }
    }

    /**
     * A metric of every arm: the mean over seeds, in a band of its standard error.
     *
     * @param title above it
     * @param y metric
     * @param x {@code epoch}, or a metric that is summed over epochs: {@code seconds_epoch}, {@code denoiser_evaluations}
     * @param arms that are drawn; all if empty
     */
    public record Curve(
            String title,
            String y,
            @Default("epoch") String x,
            @Default("[]") List<String> arms) {}

    /** The arms of a table or chart: those it names, or all. */
    List<Arm> arms(List<String> names) {
        names.forEach(this::arm);
        return arms.stream()
                .filter(arm -> names.isEmpty() || names.contains(arm.name))
                .toList();
    }

    /** The arm of a name. */
    Arm arm(String name) {
        return arms.stream()
                .filter(arm -> arm.name.equals(name))
                .findFirst()
                .orElseThrow(() -> UserException.input("there is no arm " + name + "; the arms are "
                        + arms.stream().map(Arm::name).toList()));
    }

    /** How many runs it takes. */
    int runs() {
        int tried = tune == null ? 0 : tune.values.size() - (tune.apart() ? 0 : 1);
        return arms.size() * (tried + seeds.size());
    }
}
