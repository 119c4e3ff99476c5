package org.imagerl.scoring.prompt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.imagerl.spi.Prompt;

/**
 * A line of a text file of prompts, with what other programs write there: kohya's sd-scripts ({@code # a comment},
 * {@code a cat --n blurry --w 512}), Midjourney ({@code --ar 16:9}) and the web UI of AUTOMATIC1111 ({@code --steps 20}). Of these the
 * negative prompt is understood. The others are refused, because as words of the prompt they would change every image.
 */
final class PromptLine {
    private static final String NEGATIVE = "n";

    /** Any of one or two letters, and longer ones by name. */
    private static final Pattern OPTION =
            Pattern.compile("(?:^|\\s)--([a-z]{1,2}|am|ctr|fast|aspect|chaos|cref|sref|hd|niji"
                    + "|quality|relax|repeat|seed|stop|style|styles|stylize|tile|turbo|uplight|version|video|weird|exp|raw|profile"
                    + "|prompt|negative_prompt|width|height|steps|cfg_scale|sampler_name|sampler_index|subseed|subseed_strength"
                    + "|seed_resize_from_h|seed_resize_from_w|batch_size|batch_count|n_iter|restore_faces|tiling|sd_model"
                    + "|outpath_samples|outpath_grids|prompt_for_display|do_not_save_samples|do_not_save_grid|guidance|scale)"
                    + "(?=[\\s=\\d]|$)");

    private static final Map<String, String> REMEDIES = Map.of(
            "w",
                    "all images of a run have one size: the option --width of sample, or what the checkpoint was"
                            + " trained for",
            "h",
                    "all images of a run have one size: the option --height of sample, or what the checkpoint was"
                            + " trained for",
            "d", "seeds are given for all prompts: --seeds of sample, seed of a configuration",
            "l", "guidance is given for all prompts: --guidance of sample, rollout.guidance of a configuration",
            "s", "steps are given for all prompts: --steps of sample, rollout.steps of a configuration");

    private PromptLine() {}

    /** Whether a line is a comment: {@code #} alone or before a blank or another {@code #}. */
    static boolean isComment(String line) {
        return line.matches("#(?:[#\\s].*)?");
    }

    /**
     * The fields of a prompt.
     *
     * @param line without white space around it, no comment
     * @param problems takes what cannot be understood
     */
    static Map<String, String> fields(String line, Consumer<String> problems) {
        if (line.startsWith("#")) {
            problems.accept(
                    "is it a comment? Then write a blank behind the #; a prompt that begins with # goes into a .jsonl"
                            + " file");
        }
        List<MatchResult> options = new ArrayList<>();
        OPTION.matcher(line).results().forEach(options::add);
        Map<String, String> fields = new LinkedHashMap<>();
        String prompt =
                options.isEmpty() ? line : line.substring(0, options.get(0).start());
        fields.put("prompt", prompt.strip());
        for (int i = 0; i < options.size(); i++) {
            int end = i + 1 < options.size() ? options.get(i + 1).start() : line.length();
            option(options.get(i).group(1), line.substring(options.get(i).end(), end), fields, problems);
        }
        return fields;
    }

    private static void option(String name, String value, Map<String, String> fields, Consumer<String> problems) {
        if (!name.equals(NEGATIVE)) {
            problems.accept("the option --" + name + " cannot be given for one prompt; take it out"
                    + (REMEDIES.containsKey(name) ? " (" + REMEDIES.get(name) + ")" : "")
                    + ", or write the prompt to a .jsonl file if these words belong to it");
        } else if (fields.put(Prompt.NEGATIVE, value.strip()) != null) {
            problems.accept("the option --n (negative prompt) is given twice");
        }
    }
}
