package org.imagerl.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * The entry point of the jar for Spark's {@code spark-submit}: the same commands, where Spark's script has chosen the master and Java's options, and not
 * {@code bin/imagerl}.
 */
public final class SubmittedMain {
    private static final String OPTION = "--spark";
    private static final Set<String> ON_SPARK = Set.of("train", "resume", "score");

    private SubmittedMain() {}

    /** As {@link Main#main}. */
    public static void main(String[] args) {
        // As bin/imagerl sets them: DJL neither downloads nor reports anything, nothing needs a screen.
        for (String name : List.of("ai.djl.offline", "OPT_OUT_TRACKING", "java.awt.headless")) {
            System.getProperties().putIfAbsent(name, "true");
        }
        Main.main(words(args, System.getProperties()));
    }

    /**
     * The words of the command, with the master that spark-submit was given: it need not be named twice.
     *
     * @param submitted the system's properties, among them those that spark-submit sets
     */
    static String[] words(String[] args, Properties submitted) {
        String master = submitted.getProperty("spark.master");
        if (args.length == 0
                || master == null
                || !ON_SPARK.contains(args[0])
                || List.of(args).stream().anyMatch(word -> word.equals(OPTION) || word.startsWith(OPTION + "="))) {
            return args;
        }
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(1, List.of(OPTION, master));
        return words.toArray(String[]::new);
    }
}
