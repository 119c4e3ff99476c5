package org.imagerl.training.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** The prompts that a run configuration names. */
public final class RunPrompts {
    private RunPrompts() {}

    /**
     * Reads prompts: those of the split, if one is named.
     *
     * @throws UserException as {@link PromptFile#read(java.nio.file.Path, String)}
     */
    public static List<Prompt> read(RunConfig.Prompts source, RunConfig config) {
        return PromptFile.read(config.resolve(source.file()), source.split());
    }

    /**
     * Makes sure that every hint is for some prompt.
     *
     * @param prompts that are trained on
     * @throws UserException naming a field that none of them has
     */
    public static void checkHints(RunConfig config, List<Prompt> prompts) {
        RolloutConfig.Hints hints = config.rollout().hints();
        for (int i = 0; hints != null && i < hints.levels().size(); i++) {
            String level = "rollout.hints.levels[" + i + "].";
            requireField(prompts, level + "field", hints.levels().get(i).field());
            requireField(prompts, level + "image", hints.levels().get(i).image());
        }
    }

    private static void requireField(List<Prompt> prompts, String key, @Nullable String field) {
        if (field == null
                || prompts.stream().anyMatch(prompt -> prompt.metadata().containsKey(field))) {
            return;
        }
        Set<String> known = new TreeSet<>();
        prompts.forEach(prompt -> known.addAll(prompt.metadata().keySet()));
        throw UserException.input(key + ": none of the prompts has a field " + Quote.of(field)
                + Nearest.hint(field, known) + "; their fields: "
                + (known.isEmpty() ? "none" : Quote.of(String.join(", ", known))));
    }

    /** The files of training and of evaluation, as far as there are any. */
    public static Set<RunConfig.Prompts> sources(RunConfig config) {
        Set<RunConfig.Prompts> sources = new LinkedHashSet<>();
        RunConfig.Prompts training = config.prompts();
        if (training != null) {
            sources.add(training);
        }
        RunConfig.Evaluation evaluation = config.evaluation();
        RunConfig.Prompts heldOut = evaluation == null ? null : evaluation.prompts();
        if (heldOut != null) {
            sources.add(heldOut);
        }
        return sources;
    }

    /**
     * Reads the prompts of training and of evaluation, to find what is wrong with them.
     *
     * @throws UserException with the problems of both files
     */
    public static void check(RunConfig config) {
        List<String> problems = new ArrayList<>();
        for (RunConfig.Prompts source : sources(config)) {
            try {
                List<Prompt> prompts = read(source, config);
                if (source.equals(config.prompts())) {
                    checkHints(config, prompts);
                }
            } catch (UserException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        if (!problems.isEmpty()) {
            throw UserException.input(String.join(System.lineSeparator(), problems));
        }
    }
}
