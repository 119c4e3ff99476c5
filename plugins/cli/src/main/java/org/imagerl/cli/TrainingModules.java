package org.imagerl.cli;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.imagerl.cli.checkpoint.CheckpointVerbs;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.Finding;
import org.imagerl.cli.train.EngineChecks;
import org.imagerl.cli.train.TrainingVerbs;
import org.imagerl.toolkit.tensor.TorchEngine;
import picocli.CommandLine;

/**
 * What needs the modules of training. The distribution for scoring is this program without them, and this is the only place that asks whether they
 * are there: classes of {@code cli.train} and {@code cli.checkpoint} are loaded through here alone.
 */
final class TrainingModules {
    /** Their names, in the order of the help: where the verbs are absent, nothing else knows them. */
    static final List<String> VERBS = List.of(
            "init",
            "train",
            "plan",
            "resume",
            "eval",
            "study",
            "ui",
            "report",
            "pretrain",
            "ctrl",
            "config",
            "methods",
            "bench",
            "sample",
            "export",
            "inspect");

    /** Those that are certain to need the engine. */
    private static final Set<String> COMPUTING =
            Set.of("train", "plan", "resume", "eval", "pretrain", "ctrl", "sample");

    private TrainingModules() {}

    static boolean present() {
        try {
            Class.forName("org.imagerl.training.loop.Training", false, TrainingModules.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * Loads the engine beside everything else that a command begins with, if it needs it.
     *
     * @param words of the command line
     */
    static void begin(List<String> words) {
        boolean asks = words.contains("--help") || words.contains("-h");
        if (!words.isEmpty() && COMPUTING.contains(words.get(0)) && !asks && present()) {
            TorchEngine.begin();
        }
    }

    /** Adds the verbs; where they are absent, what says so in their place. */
    static void addVerbs(CommandLine line, CliContext session) {
        if (present()) {
            TrainingVerbs.of(session).forEach(line::addSubcommand);
            CheckpointVerbs.of(session).forEach(line::addSubcommand);
        } else {
            VERBS.forEach(verb -> line.addSubcommand(verb, new AbsentVerb(verb)));
            line.getCommandSpec()
                    .usageMessage()
                    .description(
                            "Scores images with reward models. This is the distribution for scoring, without training.")
                    .footer(
                            "",
                            "Begin with: imagerl doctor, then imagerl score DIR --reward jpeg-compressibility",
                            "",
                            "The full distribution also has " + String.join(", ", VERBS) + ".");
        }
    }

    /** Adds to {@code reward}, one of the verbs that are there, what trains one. */
    static void addToReward(CommandLine line, CliContext session) {
        CommandLine reward = Objects.requireNonNull(line.getSubcommands().get("reward"));
        if (present()) {
            reward.addSubcommand(CheckpointVerbs.ofReward(session));
        } else {
            reward.addSubcommand("distil", new AbsentVerb("reward distil"));
        }
    }

    /**
     * What {@code doctor} says of the engine and of GPUs.
     *
     * @param yes asks the user a question
     */
    static List<Finding> engine(Predicate<String> yes) {
        return present()
                ? EngineChecks.all(yes)
                : List.of(Finding.ok("engine", "none; this is the distribution for scoring, which needs none"));
    }
}
