package org.imagerl.cli.checkpoint;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.UserException;

/** Seeds as people write them: {@code 7}, {@code 0,3,8}, {@code 0-15}. */
final class Seeds {
    private static final int MAX_SEEDS = 100_000;

    private Seeds() {}

    /**
     * The seeds of a text, in its order.
     *
     * @throws UserException if it is no list of numbers and ranges
     */
    static List<Long> parse(String text) {
        List<Long> seeds = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            if (!item.matches("[0-9]{1,18}(-[0-9]{1,18})?")) {
                throw UserException.input(
                        "--seeds must be numbers and ranges, for instance 7 or 0,3,8 or 0-15, not " + text);
            }
            String[] ends = item.split("-");
            long first = Long.parseLong(ends[0]);
            long last = Long.parseLong(ends[ends.length - 1]);
            if (last < first || last - first >= MAX_SEEDS - seeds.size()) {
                throw UserException.input(
                        "--seeds " + item + ": a range goes upwards and has at most " + MAX_SEEDS + " seeds");
            }
            for (long seed = first; seed <= last; seed++) {
                seeds.add(seed);
            }
        }
        return seeds;
    }
}
