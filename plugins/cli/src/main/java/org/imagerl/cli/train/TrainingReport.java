package org.imagerl.cli.train;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.TuningSpec;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.loop.Training;

/** What train and resume say when they begin, when they are done, and when they are out of memory. */
final class TrainingReport {
    private TrainingReport() {}

    /** Says where the run is. A reader who leaves after this line, such as {@code head -1}, is noticed now and not at the end of the run. */
    static void begin(Path run, PrintWriter out) {
        out.println("run: " + run);
        out.flush();
    }

    /** Prints how a run ended; returns the exit code. */
    static int print(Training.Result result, PrintWriter out) {
        if (!result.finished()) {
            return ExitCode.INTERRUPTED;
        }
        if (!result.before().isEmpty()) {
            out.printf(
                    Locale.ROOT,
                    "%-40s %10s %10s %10s%n",
                    "held-out (" + result.evaluatedBy() + ")",
                    "before",
                    "after",
                    "change");
            for (String name : new TreeSet<>(result.before().keySet())) {
                row(name, result.before(), result.after(), out);
            }
        }
        out.println("written: " + result.folder() + " (before-after.png, curves.png, samples/, metrics.jsonl)");
        if (result.export() != null) {
            out.println("written: " + result.export());
        }
        return ExitCode.OK;
    }

    private static void row(String name, Map<String, Double> before, Map<String, Double> after, PrintWriter out) {
        double first = before.getOrDefault(name, Double.NaN);
        double last = after.getOrDefault(name, Double.NaN);
        if (name.startsWith("evaluation_") && !name.equals("evaluation_images")) {
            String label = name.substring("evaluation_".length());
            out.println(String.format(Locale.ROOT, "%-40s %10.4f %10.4f %+10.4f", label, first, last, last - first));
        }
    }

    /** The settings to lower, with their present values. */
    static List<String> memoryAdvice(RunConfig config, String how) {
        List<String> advice = new ArrayList<>();
        int microBatch = config.optimiser().microBatch();
        if (microBatch > 1) {
            advice.add(how + "optimiser.micro_batch (now " + microBatch
                    + "): activations of the backward pass fall in proportion, the result stays the same");
        }
        if (!config.memory().checkpointing().on()) {
            advice.add(how
                    + "memory.checkpointing=true: fewer activations; updates take about 1.05 times as long for a UNet"
                    + " whose convolutions are not trained, else about 1.5 times");
        }
        if (config.memory().checkpointing() == Checkpointing.TRUE) {
            advice.add(
                    how + "memory.checkpointing=least: still fewer activations of a UNet; updates take about 1.25 times"
                            + " as long as without");
        }
        int batch = config.rollout().batchSize();
        if (batch > 1) {
            advice.add(how + "rollout.batch_size (now " + batch + "): activations of sampling fall in proportion");
        }
        if (!config.memory().vaeSlicing() && batch > 1) {
            advice.add(how
                    + "memory.vae_slicing=true: activations of the VAE as for one image, the result stays the same");
        }
        if (!config.memory().vaeTiling()) {
            advice.add(how + "memory.vae_tiling=true: activations of the VAE as for an image of the size it was trained"
                    + " on; larger images differ slightly");
        }
        if (!config.memory().offload()) {
            advice.add(how + "memory.offload=true: text encoders and VAE are in memory only while they are used; with"
                    + " memory.embedding_cache=FOLDER a prompt is encoded once");
        }
        if (config.dtype() == RunConfig.Dtype.FLOAT32) {
            advice.add(how + "dtype=bfloat16: half the memory for weights and activations");
        }
        if (config.tuning() instanceof TuningSpec.Full) {
            advice.add(how + "tuning.type=lora: no optimiser state for whole weights");
            advice.add("type: adamw-8bit in the section optimiser of the configuration: 2 bytes of optimiser state for"
                    + " each trained weight, not 8");
        }
        return advice;
    }
}
