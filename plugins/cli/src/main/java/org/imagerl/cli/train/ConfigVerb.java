package org.imagerl.cli.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.config.Auto;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.FileKind;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Count;
import org.imagerl.training.config.BatchPlan;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.RunPrompts;
import org.imagerl.training.loop.RunCheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code imagerl config}: what a run's configuration says, without running it. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "show|check|schema|defaults",
        header = "Shows and checks the configuration of a run without running it.")
final class ConfigVerb implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Give one of show, check, schema or defaults.");
    }

    /** A configuration file and what the command line changes in it. */
    static final class Source {
        @Parameters(paramLabel = "FILE", description = "The configuration, YAML.")
        private Path file = Path.of("");

        @Option(
                names = "--set",
                paramLabel = "KEY=VALUE",
                description = "Overrides a key, written with dots: --set rollout.steps=20. Can be given several times.")
        private List<String> overrides = List.of();

        EffectiveConfig load(CliContext session) {
            return new RunConfigLoader(session.registry()).load(file, overrides);
        }

        /** The same for a run, which gets the parts that are made for it. */
        PreparedRun prepare(CliContext session) {
            return new RunConfigLoader(session.registry()).prepare(file, Overrides.parse(overrides), session::notice);
        }

        /** Its keys and values, of which no parts are made. */
        EffectiveConfig keys(CliContext session) {
            return new RunConfigLoader(session.registry()).keys(file, Overrides.parse(overrides));
        }

        /** Makes a pretraining, or the training of a classifier, without running it. */
        void checkPart(CliContext session) {
            Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
            new ConfigLoader(session.registry())
                    .part(Kind.PRETRAINING, file, overrides)
                    .create(session.context("cpu", 1).in(folder));
        }

        Path file() {
            return file;
        }
    }

    /** {@code imagerl config show}. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            header = "Prints all settings of a run and where each comes from.",
            description = "Prints all keys of the configuration with the values that take effect, each with its "
                    + "source: default, preset, file and line, or --set.")
    static final class Show implements Callable<Integer> {
        private final CliContext session;

        @Mixin
        private Source source = new Source();

        Show(CliContext session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            session.out().print(source.load(session).show());
            return ExitCode.OK;
        }
    }

    /** {@code imagerl config check}. */
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            header = "Checks a configuration, its prompts, rewards and checkpoint.",
            description =
                    "Checks a configuration, its files of prompts, whether its rewards can be made and its checkpoint"
                            + " can be loaded, without reading the checkpoint's weights, and whether all"
                            + " of them fit each other. Prints all problems, each with file and line;"
                            + " where there are none, the sizes of an epoch. Keys and values come first:"
                            + " while one of them cannot be read, nothing else is looked at. Of a"
                            + " pretraining or a classifier it checks the settings.")
    static final class Check implements Callable<Integer> {
        private final CliContext session;

        @Mixin
        private Source source = new Source();

        Check(CliContext session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            if (FileKind.isPart(source.file())) {
                source.checkPart(session);
                session.out()
                        .println(source.file() + ": ok; this file is for "
                                + FileKind.PART
                                        .command()
                                        .replace("FILE", source.file().toString()));
                return ExitCode.OK;
            }
            check(source.keys(session));
            return ExitCode.OK;
        }

        /** What does not depend on each other is looked at even if something is wrong, so that one call names all mistakes. */
        private void check(EffectiveConfig effective) {
            RunConfig config = effective.config();
            List<UserException> problems = new ArrayList<>();
            try (PreparedRun prepared = PreparedRun.of(effective, session.registry(), line -> {});
                    RunCheck run = new RunCheck(session.registry(), session::notice)) {
                attempt(problems, () -> RunPrompts.check(config));
                if (problems.isEmpty()) {
                    attempt(problems, () -> run.inputs(prepared));
                }
                attempt(problems, () -> run.checkpoints(List.of(prepared)));
                if (problems.isEmpty()) {
                    print(config, prepared.parts());
                    return;
                }
            } catch (UserException e) {
                problems.add(e);
                attempt(problems, () -> RunPrompts.check(config));
                attempt(problems, () -> RunCheck.checkpoint(effective, session.registry(), session::notice));
            }
            String all = problems.stream()
                    .flatMap(problem -> String.valueOf(problem.getMessage()).lines())
                    .distinct()
                    .collect(Collectors.joining(System.lineSeparator()));
            throw new UserException(problems.get(0).kind(), all);
        }

        private static void attempt(List<UserException> problems, Runnable look) {
            try {
                look.run();
            } catch (UserException e) {
                problems.add(e);
            }
        }

        private void print(RunConfig config, RunParts parts) {
            BatchPlan epoch = BatchPlan.of(config, parts);
            session.out().println(source.file() + ": ok");
            session.out()
                    .printf(
                            Locale.ROOT,
                            "%s of %s (%s x %s), %d x %s of %s in %s%n",
                            Count.of(config.epochs(), "epoch"),
                            Count.of(epoch.samples(), "image"),
                            Count.of(config.rollout().promptsPerEpoch(), "prompt"),
                            Count.of(parts.imagesPerPrompt(), config.data() == null ? "sample" : "image"),
                            config.optimiser().innerEpochs(),
                            Count.of(epoch.updates(), "update"),
                            Count.of(epoch.samplesPerUpdate(), "image"),
                            config.optimiser().microBatch() == Auto.VALUE
                                    ? "micro-batches of a size that is found when the run begins"
                                    : Count.of(epoch.accumulation(), "micro-batch") + " of " + epoch.microBatch());
        }
    }

    /** {@code imagerl config schema}. */
    @Command(
            name = "schema",
            mixinStandardHelpOptions = true,
            header = "Prints the JSON Schema of configurations, for editors.",
            description = "Prints the JSON Schema of configurations with the installed plugins, for completion in "
                    + "editors: save it, and begin a configuration with # yaml-language-server: $schema=FILE")
    static final class Schema implements Callable<Integer> {
        private final CliContext session;

        Schema(CliContext session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            session.out().println(RunConfigLoader.schema(session.registry()));
            return ExitCode.OK;
        }
    }

    /** {@code imagerl config defaults}. */
    @Command(name = "defaults", mixinStandardHelpOptions = true, header = "Prints the defaults of all configurations.")
    static final class Defaults implements Callable<Integer> {
        private final CliContext session;

        Defaults(CliContext session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            session.out().print(RunConfigLoader.defaults());
            return ExitCode.OK;
        }
    }
}
