package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outputs;
import org.imagerl.cli.console.ScoredImagesOptions;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.scoring.PairCandidates;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.toolkit.latent.DistillationSettings;
import org.imagerl.training.distil.Distillation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code imagerl reward distil}. */
@Command(
        name = "distil",
        mixinStandardHelpOptions = true,
        header = "Trains a reward of latents on the scores of another reward.",
        sortOptions = false,
        description = {
            "A small network learns to estimate scores from the latents of images, so that a training with the reward"
                    + " {type: latent, folder: DIR} does not decode its samples. The latents are those"
                    + " of the checkpoint's own VAE. The images of some prompts are held out, and the"
                    + " agreement with the scores on them is printed and written beside the weights.",
            "",
            "Example: imagerl reward distil scores.csv --checkpoint words --out latent-ocr"
        })
final class RewardDistilVerb implements Callable<Integer>, UsesMemory {
    private final CliContext session;

    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "PATH",
            description = "The checkpoint that will be trained: a folder, or a single .safetensors file.")
    private Path checkpoint = Path.of("");

    @Mixin
    private ComponentArguments components = new ComponentArguments();

    @Mixin
    private ScoredImagesOptions scored = new ScoredImagesOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The folder of the reward, which must not exist. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("latent-reward");

    @Option(
            names = "--held-out",
            paramLabel = "SHARE",
            description = "Share of the prompts whose images are not trained on. Default: ${DEFAULT-VALUE}")
    private double heldOut = 0.1;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the images. Default: ${DEFAULT-VALUE}")
    private int epochs = 10;

    @Option(names = "--batch", paramLabel = "N", description = "Images of a step. Default: ${DEFAULT-VALUE}")
    private int batch = 64;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            description = "At its highest; it falls to 0 along a cosine. Default: ${DEFAULT-VALUE}")
    private double learningRate = 1e-3;

    @Option(
            names = "--noise",
            paramLabel = "SHARE",
            description = "Standard deviation of the noise that is added to latents while it is trained, as a share of "
                    + "that of the latents. Default: ${DEFAULT-VALUE}")
    private double noise = 0.1;

    @Option(
            names = "--features",
            paramLabel = "N",
            description = "Width of the network, a multiple of 4. Default: ${DEFAULT-VALUE}")
    private int features = 64;

    @Option(names = "--layers", paramLabel = "N", description = "Layers of attention. Default: ${DEFAULT-VALUE}")
    private int layers = 2;

    @Option(
            names = "--text-bytes",
            paramLabel = "N",
            description = "Bytes of a prompt that it reads, from the beginning; 0 if prompts do not matter. Default: "
                    + "those of the longest prompt, at most 256")
    private @Nullable Integer textBytes;

    @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
    private long seed = 0;

    @Option(names = "--device", description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    RewardDistilVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Path target = Outputs.freshFolder(out);
        PairCandidates found = scored.find();
        DistillationSettings settings = settings(found);
        Distillation.Request request =
                new Distillation.Request(scored.path(), found.reward(), found, checkpoint, heldOut);
        Context context = session.context(device, Runtime.getRuntime().availableProcessors());
        PipelineFactory family = session.registry().pipeline(checkpoint);
        PipelineFactory.Options options = new PipelineFactory.Options("float32", false, components.model(), context);
        return session.runLong("nothing is written; begin again with the same command", progress -> {
            Distillation.Result[] result = new Distillation.Result[1];
            try (Pipeline pipeline = family.open(checkpoint, options)) {
                Folders.create(
                        target,
                        fresh -> result[0] = new Distillation(request, pipeline, progress).run(settings, fresh));
            } catch (CancellationException e) {
                return ExitCode.INTERRUPTED;
            }
            print(result[0]);
            session.out().println("written: " + target);
            return ExitCode.OK;
        });
    }

    private DistillationSettings settings(PairCandidates found) {
        int text = textBytes == null ? Distillation.textBytes(found) : textBytes;
        try {
            return new DistillationSettings(features, layers, text, epochs, batch, learningRate, noise, seed);
        } catch (IllegalArgumentException e) {
            throw UserException.input("imagerl reward distil: " + e.getMessage(), e);
        }
    }

    private void print(Distillation.Result result) {
        session.out()
                .println("trained on " + result.trained() + " images; agreement with the scores of the "
                        + result.heldOut() + " held-out ones:");
        result.agreement()
                .forEach((name, value) -> session.out()
                        .println(String.format(Locale.ROOT, "  %-28s %.4f", name.replace('_', ' '), value)));
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of(
                "--batch (now " + batch + "): images of a step; memory for activations falls in proportion",
                "fewer images: all their latents are in memory at once");
    }
}
