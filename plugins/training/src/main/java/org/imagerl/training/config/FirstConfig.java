package org.imagerl.training.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.imagerl.config.registry.Registry;
import tools.jackson.databind.json.JsonMapper;

/**
 * The text of a first configuration: the settings that the user asked for, the settings that are changed most often
 * with their defaults, and an explanation of each.
 *
 * @param file where it will lie
 * @param checkpoint folder or file
 * @param family of the checkpoint, for people
 * @param prompts file of prompts
 * @param rewards each as it stands in a configuration, on one line
 * @param algorithm name of a preset
 * @param gpu whether it is for a GPU
 * @param schema where editors find the JSON Schema; empty for no line about it
 */
public record FirstConfig(
        Path file,
        Path checkpoint,
        String family,
        Path prompts,
        List<String> rewards,
        String algorithm,
        boolean gpu,
        String schema) {
    /** A path that YAML takes for nothing else. */
    private static final String PLAIN = "(/|\\.{1,2}/|[A-Za-z])[A-Za-z0-9_./-]*[/.][A-Za-z0-9_./-]*";

    /**
     * The text.
     *
     * @throws org.imagerl.spi.UserException with all that is wrong with it
     */
    public String text(Registry registry) {
        RunConfigLoader loader = new RunConfigLoader(registry);
        RunConfig usual = loader.parse(least(), file, List.of()).config();
        String text = text(usual);
        loader.parse(text, file, List.of());
        return text;
    }

    /** The keys that must be given. */
    private String least() {
        return "checkpoint: " + place(checkpoint) + "\nprompts: " + place(prompts) + "\nalgorithm: " + algorithm
                + "\nrewards: [" + String.join(", ", rewards) + "]\n";
    }

    private String text(RunConfig usual) {
        RolloutConfig rollout = usual.rollout();
        OptimiserConfig optimiser = usual.optimiser();
        String name = file.getFileName().toString();
        return String.format(
                Locale.ROOT,
                """
                %s# Made by imagerl init. Next: imagerl plan %s (time and memory), then imagerl train %s
                # imagerl config show %s prints all settings, those of the algorithm and defaults too.

                checkpoint: %s   # %s
                prompts: %s   # one per line; or .jsonl, .csv
                algorithm: %s   # imagerl methods lists them
                rewards:   # what is maximised: the sum, each times its weight; imagerl plugins lists them
                %s
                %s
                epochs: %d   # rounds of sampling, scoring and learning; Ctrl-C at any time, then imagerl resume

                rollout:
                  steps: %d   # denoiser calls per image
                  guidance: %s   # 1.0 is none, in half the time
                  prompts_per_epoch: %d   # different prompts in an epoch
                  samples_per_prompt: %d   # images of each, which are compared with each other
                  batch_size: auto   # images at a time: what fits is found when the run begins

                optimiser:
                  learning_rate: %s
                  micro_batch: auto   # images that are differentiated at a time

                run: {save_every: 5, sample_every: 5, evaluate_every: 5}   # in epochs; results go to runs/%s
                # Images of prompts that are never trained on, made before, while and after training:
                # evaluation: {prompts: held-out.txt, samples_per_prompt: 2}
                """,
                schema.isEmpty() ? "" : "# yaml-language-server: $schema=" + schema + "\n",
                name,
                name,
                name,
                place(checkpoint),
                family,
                place(prompts),
                algorithm,
                rewards.stream().map(reward -> "  - " + reward).collect(Collectors.joining("\n")),
                gpu
                        ? "device: cuda:0\ndtype: bfloat16   # half the memory of float32\n"
                                + "memory: {checkpointing: true}   # less memory, longer updates"
                        : "device: cpu   # cuda:0 is the first GPU",
                usual.epochs(),
                rollout.steps(),
                rollout.guidance(),
                rollout.promptsPerEpoch(),
                rollout.samplesPerPrompt(),
                String.valueOf(optimiser.learningRate()).replace('E', 'e'),
                usual.run().name());
    }

    /** Relative to the file where it lies below it. */
    private String place(Path path) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        Path absolute = path.toAbsolutePath().normalize();
        String text = folder != null && absolute.startsWith(folder) && !absolute.equals(folder)
                ? folder.relativize(absolute).toString()
                : absolute.toString();
        return text.matches(PLAIN) ? text : JsonMapper.shared().writeValueAsString(text);
    }
}
