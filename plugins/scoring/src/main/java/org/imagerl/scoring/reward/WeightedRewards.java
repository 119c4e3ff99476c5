package org.imagerl.scoring.reward;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.imagerl.config.ConfigLoader;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.spi.work.TimeLimit;

/**
 * Several rewards at once. The total is the plain weighted sum: of a reward for which lower is better
 * ({@link Reward.Spec#higherIsBetter} is false) the weight must be negative, or training makes images worse.
 */
public final class WeightedRewards implements AutoCloseable {
    /** With scores up to {@link Score#LIMIT} no weighted sum comes near the end of the range of double. */
    private static final double MAX_WEIGHT = 1e9;

    private final List<Entry> entries;

    /**
     * One of the rewards.
     *
     * @param name in logs, unique
     * @param weight in the sum
     * @param timeLimit that the models of the reward have for one image, see {@link TimeLimit}
     * @param settings as in a configuration, for the header of results; empty if they are not known
     */
    public record Entry(String name, double weight, Reward reward, Duration timeLimit, String settings) {

        /** One with the usual time limit, whose settings are not known. */
        public Entry(String name, double weight, Reward reward) {
            this(name, weight, reward, TimeLimit.USUAL, "");
        }

        private List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return TimeLimit.within(timeLimit, () -> reward.score(images, prompts));
        }
    }

    /** These rewards; they are closed with this. */
    public WeightedRewards(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * Makes the rewards of a configuration; warns of a weight with the wrong sign. Entries with the same settings share
     * a reward, so that its model is loaded once, unless the reward remembers something.
     *
     * @throws UserException if one cannot be made; then none stays open
     */
    public static WeightedRewards create(List<RewardEntry> configs, Context given) {
        Set<String> said = new HashSet<>();
        Context context = given.warning(line -> {
            if (said.add(line)) { // several rewards may have the same reason to be on the CPU
                given.warnings().accept(line);
            }
        });
        List<Entry> entries = new ArrayList<>();
        Map<String, Reward> made = new HashMap<>();
        requireDifferentNames(configs);
        configs.forEach(WeightedRewards::requireWeight);
        try {
            for (RewardEntry config : configs) {
                String own = ConfigLoader.yaml(config.reward());
                Reward known = made.get(own);
                Reward scorer = known == null ? config.reward().create(context) : known;
                if (!(scorer instanceof Stateful)) {
                    made.put(own, scorer);
                }
                if (config.rank() && scorer instanceof LatentReward) {
                    throw UserException.input("rewards: " + config.label()
                            + ": rank: true ranks scores of images, and this reward scores latents; leave rank out");
                }
                Reward reward = config.rank() ? new RankedReward(scorer) : scorer;
                String settings = own + (config.rank() ? "rank: true" : "");
                entries.add(new Entry(config.label(), config.weight(), reward, config.timeLimit(), settings.strip()));
                if (!reward.spec().higherIsBetter() && config.weight() > 0) {
                    context.warnings()
                            .accept("reward " + config.label() + ": lower is better, but its weight is positive ("
                                    + config.weight() + "), so training makes it worse; give it a negative weight");
                }
            }
            return new WeightedRewards(entries);
        } catch (RuntimeException e) {
            entries.forEach(entry -> entry.reward().close());
            throw e;
        }
    }

    private static void requireWeight(RewardEntry config) {
        if (!(Math.abs(config.weight()) <= MAX_WEIGHT)) { // nor NaN
            throw UserException.input("rewards: " + config.label() + ": weight is " + config.weight()
                    + "; it must be a number from -" + MAX_WEIGHT + " to " + MAX_WEIGHT);
        }
    }

    private static void requireDifferentNames(List<RewardEntry> configs) {
        Set<String> names = new HashSet<>();
        for (RewardEntry config : configs) {
            if (!names.add(config.label())) {
                throw UserException.input("two rewards are named " + config.label()
                        + "; give one of them a name: {type: " + config.reward().type() + ", name: other, ...}");
            }
        }
    }

    /** The rewards. */
    public List<Entry> entries() {
        return entries;
    }

    /** The first so many of them: they are closed with this, not by themselves. */
    public WeightedRewards first(int count) {
        return new WeightedRewards(entries.subList(0, count));
    }

    /** Some of them: they are closed with this, not by themselves. */
    public WeightedRewards only(Predicate<Entry> chosen) {
        return new WeightedRewards(entries.stream().filter(chosen).toList());
    }

    /** The lowest and the highest weighted sum that is possible; infinite where a reward has no bound. */
    public double[] range() {
        double[] range = {0, 0};
        for (Entry entry : entries) {
            if (entry.weight() != 0) { // which times an infinite bound would be no number
                Reward.Spec spec = entry.reward().spec();
                double least = entry.weight() * spec.min();
                double most = entry.weight() * spec.max();
                range[0] += Math.min(least, most);
                range[1] += Math.max(least, most);
            }
        }
        return range;
    }

    /** Their names, in order. */
    public List<String> names() {
        return entries.stream().map(Entry::name).toList();
    }

    /**
     * Makes sure that all of them can be trained on as they are weighed.
     *
     * @param prompt as an epoch is trained on it
     * @throws UserException that names the reward
     */
    public void checkTrained(Prompt prompt) {
        for (Entry entry : entries) {
            try {
                entry.reward().checkTrained(prompt, entry.weight(), false);
            } catch (UserException e) {
                throw UserException.input("rewards: " + entry.name() + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Scores images. A prompt that a reward refuses is a failed score of its images.
     *
     * @param images any sizes
     * @param prompts the prompt of each image; of groupwise rewards the whole groups must be here
     */
    public RewardTable score(List<RgbImage> images, List<Prompt> prompts) {
        return score(entries, images, prompts);
    }

    /**
     * Scores samples. What became no image is a failed score of every reward, with that for its reason.
     *
     * @param samples an image each, or the reason why there is none
     * @param prompts as {@link #score(List, List)}
     */
    public RewardTable scoreSamples(List<ImageOrReason> samples, List<Prompt> prompts) {
        List<RgbImage> images = new ArrayList<>();
        List<Prompt> theirs = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            RgbImage image = samples.get(i).image();
            if (image != null) {
                images.add(image);
                theirs.add(prompts.get(i));
            }
        }
        RewardTable made = score(images, theirs);
        List<RewardTable.Column> columns = made.columns().stream()
                .map(column -> new RewardTable.Column(
                        column.name(),
                        column.weight(),
                        column.spec(),
                        spread(column.scores(), samples),
                        column.milliseconds()))
                .toList();
        return new RewardTable(columns);
    }

    private static List<Score> spread(List<Score> scores, List<ImageOrReason> samples) {
        List<Score> all = new ArrayList<>();
        Iterator<Score> next = scores.iterator();
        samples.forEach(sample -> all.add(sample.image() == null ? Score.failed(sample.reason()) : next.next()));
        return List.copyOf(all);
    }

    /**
     * The statistics that the rewards give of their scores beside the mean.
     *
     * @param table of all the rewards
     * @param prompts the prompt of each image
     * @return by the name of the reward and what it is: {@code NAME_KEY}
     */
    public Map<String, Double> summary(RewardTable table, List<Prompt> prompts) {
        Map<String, Double> summary = new LinkedHashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            entry.reward()
                    .summary(table.columns().get(i).scores(), prompts)
                    .forEach((key, value) -> summary.put(entry.name() + "_" + key, value));
        }
        return summary;
    }

    /** As {@link #score(List, List)}, by some of the rewards. */
    public RewardTable score(List<Entry> some, List<RgbImage> images, List<Prompt> prompts) {
        return new RewardTable(
                some.stream().map(entry -> column(entry, images, prompts)).toList());
    }

    private static RewardTable.Column column(Entry entry, List<RgbImage> images, List<Prompt> prompts) {
        long start = System.nanoTime();
        Score[] scores = new Score[images.size()];
        List<Integer> accepted = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            try {
                entry.reward().check(prompts.get(i));
                accepted.add(i);
            } catch (UserException e) {
                scores[i] = Score.failed(String.valueOf(e.getMessage()));
            }
        }
        for (List<Integer> call : calls(entry.reward(), accepted, prompts)) {
            List<Score> some = entry.score(pick(images, call), pick(prompts, call));
            if (some.size() != call.size()) {
                throw new IllegalStateException(
                        "reward " + entry.name() + " gave " + some.size() + " scores for " + call.size() + " images");
            }
            for (int i = 0; i < call.size(); i++) {
                scores[call.get(i)] = some.get(i);
            }
        }
        double milliseconds = (System.nanoTime() - start) / 1e6;
        return new RewardTable.Column(
                entry.name(), entry.weight(), entry.reward().spec(), Arrays.asList(scores), milliseconds);
    }

    /** The images of each call: all, or a group at a time. */
    private static Collection<List<Integer>> calls(Reward reward, List<Integer> indices, List<Prompt> prompts) {
        boolean groupwise = reward.spec().scope() == Reward.Scope.GROUPWISE;
        Map<String, List<Integer>> calls = new LinkedHashMap<>();
        for (int i : indices) {
            calls.computeIfAbsent(groupwise ? prompts.get(i).id() : "", id -> new ArrayList<>())
                    .add(i);
        }
        return calls.values();
    }

    private static <T> List<T> pick(List<T> all, List<Integer> indices) {
        return indices.stream().map(all::get).toList();
    }

    @Override
    public void close() {
        entries.forEach(entry -> entry.reward().close());
    }
}
