package org.imagerl.training.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

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
     * Reads the prompts of training and of evaluation, to find what is wrong with them.
     *
     * @throws UserException with the problems of both files
     */
    public static void check(RunConfig config) {
        List<String> problems = new ArrayList<>();
        Set<RunConfig.Prompts> sources = new LinkedHashSet<>(List.of(config.prompts()));
        RunConfig.Evaluation evaluation = config.evaluation();
        if (evaluation != null) {
            sources.add(evaluation.prompts());
        }
        for (RunConfig.Prompts source : sources) {
            try {
                read(source, config);
            } catch (UserException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        if (!problems.isEmpty()) {
            throw UserException.input(String.join(System.lineSeparator(), problems));
        }
    }
}
