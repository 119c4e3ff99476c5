package org.imagerl.cli.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outputs;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.training.config.FirstConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.config.RunPrompts;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl init}. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        header = "Writes a first configuration, with comments.",
        description = {
            "Asks for the checkpoint, the reward, the prompts and the GPU on a terminal, as far as no options say them. "
                    + "Checks what it writes as imagerl config check does, and overwrites nothing. If the file of "
                    + "prompts does not exist, one with examples is written.",
            "",
            "Example: imagerl init run.yaml --checkpoint models/sd15 --reward ocr"
        })
final class InitVerb implements Callable<Integer> {
    private static final List<String> PLACES = List.of(
            "a neon sign that says", "a chalkboard that says", "a wooden shop sign that says", "a poster that says");
    private static final List<String> WORDS = List.of("OPEN", "SALE", "COFFEE", "BAKERY", "EXIT", "HELLO");

    private final CliContext session;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The new file, .yaml. Default: ${DEFAULT-VALUE}",
            defaultValue = "run.yaml")
    private Path file = Path.of("run.yaml");

    @Option(names = "--checkpoint", paramLabel = "PATH", description = "A folder, or a .safetensors file.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--reward",
            paramLabel = "REWARD",
            description = "By name, with its folder (pickscore=models/pickscore), or with settings ('{type: ocr, mode: "
                    + "line}'). Can be given several times.")
    private List<String> rewards = List.of();

    @Option(names = "--prompts", paramLabel = "FILE", description = "One per line; or .jsonl, .csv.")
    private @Nullable Path prompts;

    @Option(
            names = "--algorithm",
            paramLabel = "NAME",
            description = "Default: ddpo for Stable Diffusion 1, 2 and XL, flow-grpo for others.")
    private @Nullable String algorithm;

    @Option(names = "--gpu", negatable = true, description = "Whether it is for an NVIDIA GPU.")
    private @Nullable Boolean gpu;

    InitVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!file.toString().matches(".*\\.ya?ml")) {
            throw UserException.input(file + ": a configuration ends in .yaml or .yml, by which editors know it");
        }
        Outputs.fresh(file);
        Path source = checkpoint == null
                ? Path.of(asked("--checkpoint", "Checkpoint, a folder or a .safetensors file:", ""))
                : checkpoint;
        PipelineFactory family = session.registry().pipeline(source);
        FirstConfig config = new FirstConfig(
                file,
                source,
                family.description(),
                prompts(),
                rewardTexts(),
                algorithm == null ? (family.name().equals("stable-diffusion") ? "ddpo" : "flow-grpo") : algorithm,
                gpu(),
                schema());
        String text = config.text(session.registry());
        boolean examples = !Files.exists(config.prompts());
        check(text, family, examples);
        write(text, examples ? Outputs.fresh(config.prompts()) : null);
        session.out()
                .println(
                        "written: " + file + (examples ? ", " + config.prompts() + " (examples: write your own)" : ""));
        session.out().println("next: imagerl plan " + file + ", then imagerl train " + file);
        return ExitCode.OK;
    }

    /** Writes both files, or none of them. */
    private void write(String text, @Nullable Path exampleFile) {
        try (AtomicFile configuration = AtomicFile.stageText(file, text)) {
            if (exampleFile != null) {
                AtomicFile.writeText(exampleFile, examplePrompts());
            }
            configuration.commit();
        }
    }

    private void check(String text, PipelineFactory family, boolean examples) {
        RunConfig config = new RunConfigLoader(session.registry())
                .parse(text, file, List.of())
                .config();
        if (!examples) {
            RunPrompts.check(config);
        }
        family.check(config.resolve(config.checkpoint()), config.pipelineOptions(config.context(session::notice)));
    }

    private Path prompts() {
        return prompts == null
                ? Path.of(asked("", "Prompts, a file with one per line [prompts.txt]:", "prompts.txt"))
                : prompts;
    }

    private List<String> rewardTexts() {
        List<String> given = rewards.isEmpty()
                ? List.of(asked(
                        "--reward",
                        "Reward: ocr reads quoted words, jpeg-compressibility likes smooth images, pickscore=FOLDER;\n"
                                + "  imagerl plugins lists all:",
                        ""))
                : rewards;
        List<String> texts = new ArrayList<>();
        for (String reward : given) {
            RewardArguments.read(session.registry(), reward);
            texts.add(RewardArguments.yaml(session.registry(), withAbsolutePath(reward)));
        }
        return texts;
    }

    /** Paths of a command line are those of the working directory, in a file those of its folder. */
    private static String withAbsolutePath(String reward) {
        int equals = reward.startsWith("{") ? -1 : reward.indexOf('=');
        Path path = Path.of(reward.substring(equals + 1));
        return equals > 0 && Files.exists(path)
                ? reward.substring(0, equals + 1) + path.toAbsolutePath().normalize()
                : reward;
    }

    private boolean gpu() {
        return gpu == null ? asked("", "For an NVIDIA GPU? [y/N]:", "n").matches("(?i)y|yes") : gpu;
    }

    /** @param option that must be given where nobody can be asked; empty if there is a usual value */
    private String asked(String option, String question, String usual) {
        String answer = session.ask(question);
        if (answer != null && !answer.isEmpty()) {
            return answer;
        }
        if (option.isEmpty()) {
            return usual;
        }
        throw UserException.input(option + " is missing; give it (imagerl init --help), or answer on a terminal");
    }

    private static String schema() {
        Path shipped = Path.of(System.getProperty("imagerl.home", ""), "imagerl.schema.json");
        return Files.isRegularFile(shipped) ? shipped.toAbsolutePath().toString() : "";
    }

    /** With quoted words, which a reward that reads needs. */
    private static String examplePrompts() {
        StringBuilder lines = new StringBuilder();
        WORDS.forEach(word -> PLACES.forEach(
                place -> lines.append(place).append(" \"").append(word).append("\"\n")));
        return lines.toString();
    }
}
