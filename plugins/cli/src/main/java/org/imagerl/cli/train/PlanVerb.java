package org.imagerl.cli.train;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.spi.text.Count;
import org.imagerl.spi.work.Memory;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.loop.MemoryEstimate;
import org.imagerl.training.loop.Plan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code imagerl plan}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        header = "Says how long a training will take, without training.",
        description = {
            "Opens everything that the run needs, runs the denoiser and the decoder on a few images, differentiates "
                    + "some, and prints how many images a run will make, how often it will call the denoiser, about "
                    + "how long that will take on this machine, and how much memory it will need. Nothing is "
                    + "trained and nothing is written. It takes seconds, with a checkpoint of a real size on a CPU "
                    + "about a minute.",
            "",
            "Example: imagerl plan ddpo.yaml --set rollout.steps=10"
        })
final class PlanVerb implements Callable<Integer>, UsesMemory {
    private final CliContext session;
    private @Nullable EffectiveConfig effective;

    @Mixin
    private ConfigVerb.Source source = new ConfigVerb.Source();

    PlanVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        EffectiveConfig config = source.load(session);
        effective = config;
        Plan plan = Plan.of(config, session.registry(), session::notice);
        print(plan, session.out());
        return ExitCode.OK;
    }

    private static void print(Plan plan, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "images     %s of %d, and %s of %d held out%n",
                Count.of(plan.epochs(), "epoch"),
                plan.images(),
                Count.of(plan.evaluations(), "evaluation"),
                plan.evaluationImages());
        out.printf(
                Locale.ROOT,
                "denoiser   %d latents per epoch in rollouts, %d in updates%n",
                plan.rolloutEvaluations(),
                plan.updateEvaluations());
        out.printf(
                Locale.ROOT,
                "measured   %.3g s per image and denoiser step, on one batch; rewards are not measured%n",
                plan.secondsPerImage());
        out.printf(
                Locale.ROOT,
                "time       about %s in all: an epoch %s (rollout %s, updates %s), an evaluation %s%n",
                Plan.duration(plan.seconds()),
                Plan.duration(plan.secondsRollout() + plan.secondsUpdate()),
                Plan.duration(plan.secondsRollout()),
                Plan.duration(plan.secondsUpdate()),
                Plan.duration(plan.secondsEvaluation()));
        print(plan.memory(), out);
    }

    private static void print(MemoryEstimate memory, PrintWriter out) {
        String components = memory.weights().entrySet().stream()
                .map(entry -> entry.getKey() + " " + Memory.size(entry.getValue()))
                .collect(Collectors.joining(", "));
        out.println("weights    " + Memory.size(memory.weightBytes()) + ": " + components);
        out.println("training   " + Memory.size(memory.trained())
                + " of trained tensors, gradients, optimiser and averages");
        if (memory.sampling() > 0) {
            out.println("sampling   at least " + Memory.size(memory.sampling()) + " of activations for a batch");
        }
        if (memory.peak() > 0) {
            out.println("peak       about " + Memory.size(memory.peak()) + " in all: rollouts "
                    + Memory.size(memory.rolloutPeak()) + ", updates " + Memory.size(memory.updatePeak())
                    + "; rewards come on top");
        }
    }

    @Override
    public List<String> memoryAdvice() {
        return effective == null ? List.of() : TrainingReport.memoryAdvice(effective.config(), "--set ");
    }
}
