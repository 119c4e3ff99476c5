package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.imagerl.cli.console.Numbers;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say which images are made: prompts and seeds. */
final class PromptOptions {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "A prompt. Can be given several times.")
    private List<String> texts = List.of();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "A file of prompts: .txt, .jsonl or .csv. --n TEXT behind a prompt of a .txt, or a field "
                    + "negative_prompt, is the negative prompt of that prompt alone.")
    private @Nullable Path promptFile;

    @Option(
            names = "--negative",
            paramLabel = "TEXT",
            description = "The negative prompt, from which guidance leads away. Default: empty")
    private String negative = "";

    @Option(
            names = {"--seeds", "--seed"},
            paramLabel = "SEEDS",
            description = "One image per prompt and seed: 7, or 0,3,8, or 0-15. Default: 0")
    private @Nullable String seeds;

    @Option(
            names = "--seeds-per-prompt",
            paramLabel = "N",
            description = "Instead of --seeds: N images per prompt with seeds that no other prompt has (i * N + k for "
                    + "prompt i), so that no two images begin with the same noise")
    private @Nullable Integer seedsPerPrompt;

    /** The prompts of the command line, then those of the file. */
    List<Prompt> prompts() {
        List<Prompt> prompts = new ArrayList<>();
        texts.forEach(text -> prompts.add(Prompt.of("", text)));
        if (promptFile != null) {
            prompts.addAll(PromptFile.read(promptFile));
        }
        if (prompts.isEmpty()) {
            throw UserException.input("there is no prompt: give --prompt TEXT or --prompts FILE");
        }
        return prompts;
    }

    /** The seeds of a prompt by its number. */
    IntFunction<List<Long>> seeds() {
        Integer each = seedsPerPrompt;
        if (each == null) {
            List<Long> shared = Seeds.parse(seeds == null ? "0" : seeds);
            return prompt -> shared;
        }
        if (seeds != null) {
            throw UserException.input("--seeds and --seeds-per-prompt exclude each other: give one of them");
        }
        Numbers.atLeastOne("--seeds-per-prompt", each);
        return prompt -> LongStream.range((long) prompt * each, (prompt + 1L) * each)
                .boxed()
                .toList();
    }

    /** The negative prompt, from which guidance leads away. */
    String negative() {
        return negative;
    }
}
