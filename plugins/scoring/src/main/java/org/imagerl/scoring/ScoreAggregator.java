package org.imagerl.scoring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.scoring.reward.Statistics;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Reward;

/** Counts the rows of a run: a number per image and reward is all that is kept of them. */
final class ScoreAggregator {
    /** Summaries of more groups would be read by nobody. */
    private static final int MAX_GROUPS = 1000;

    private final List<String> names;
    private final List<Numbers> values;
    private final Numbers groupOfRow = new Numbers();
    private final Map<String, Integer> groups = new LinkedHashMap<>();
    private final double[] milliseconds;
    private int unreadable;

    private final ReadingNotes notes = new ReadingNotes();
    private String firstError = "";

    ScoreAggregator(List<String> names) {
        this.names = List.copyOf(names);
        this.values = names.stream().map(name -> new Numbers()).toList();
        this.milliseconds = new double[names.size()];
    }

    /** A list of doubles that grows. */
    private static final class Numbers {
        private double[] array = new double[1024];
        private int size;

        void add(double value) {
            if (size == array.length) {
                array = Arrays.copyOf(array, 2 * size);
            }
            array[size++] = value;
        }

        double[] all() {
            return Arrays.copyOf(array, size);
        }
    }

    List<String> names() {
        return names;
    }

    void add(ScoreRow row) {
        for (int i = 0; i < names.size(); i++) {
            values.get(i).add(row.values().getOrDefault(names.get(i), Double.NaN));
        }
        // Beyond the limit no group is shown, so that no prompt need be kept.
        Integer known = groups.size() <= MAX_GROUPS
                ? groups.computeIfAbsent(row.prompt(), prompt -> groups.size())
                : groups.get(row.prompt());
        groupOfRow.add(known == null ? -1 : known);
        if (firstError.isEmpty() && !row.error().isEmpty()) {
            firstError = row.name() + ": " + row.error();
        }
    }

    void add(ScoredBatch batch) {
        for (ScoredBatch.Scored scored : batch.images()) {
            add(scored.row());
            notes.add(scored);
            unreadable += scored.unreadable() ? 1 : 0;
        }
        for (int i = 0; i < milliseconds.length; i++) {
            milliseconds[i] += batch.milliseconds().get(i);
        }
    }

    /** Where the prompt of an image is from that has its row already. */
    void addSource(ImageItem.Found found) {
        notes.addSource(found.source());
    }

    /**
     * The summary.
     *
     * @param total images there were
     * @param scored of these, in this run and not before it was resumed
     */
    ScoreSummary summary(WeightedRewards rewards, ScoreHeader header, int total, int scored) {
        List<ScoreSummary.Line> lines = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Reward.Spec spec = rewards.entries().get(i).reward().spec();
            Statistics statistics = Statistics.of(values.get(i).all());
            lines.add(new ScoreSummary.Line(
                    names.get(i),
                    statistics,
                    groupOfRow.size - statistics.n(),
                    spec.unit(),
                    spec.higherIsBetter(),
                    milliseconds[i] / Math.max(1, scored)));
        }
        return new ScoreSummary(
                groupOfRow.size,
                unreadable,
                groupOfRow.size < total,
                firstError,
                lines,
                groups(),
                notes.promptSources(),
                notes.lines(),
                header);
    }

    /** The statistics of each prompt; none if every image has its own, or there are too many. */
    private List<ScoreSummary.Group> groups() {
        if (groups.size() > MAX_GROUPS || groups.size() == groupOfRow.size) {
            return List.of();
        }
        List<ScoreSummary.Group> all = new ArrayList<>();
        groups.forEach((prompt, index) -> {
            Map<String, Statistics> own = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                own.put(names.get(i), Statistics.of(ofGroup(values.get(i), index)));
            }
            all.add(new ScoreSummary.Group(prompt, own));
        });
        return all;
    }

    private double[] ofGroup(Numbers numbers, int group) {
        Numbers own = new Numbers();
        for (int row = 0; row < numbers.size; row++) {
            if (groupOfRow.array[row] == group) {
                own.add(numbers.array[row]);
            }
        }
        return own.all();
    }
}
