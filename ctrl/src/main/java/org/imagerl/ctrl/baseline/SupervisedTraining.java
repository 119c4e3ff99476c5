package org.imagerl.ctrl.baseline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.control.ControlAugmentation;
import org.imagerl.ctrl.data.LabelledPictures;
import org.imagerl.diffusion.pipeline.StableDiffusionFactory;
import org.imagerl.images.PngText;
import org.imagerl.spi.Context;
import org.imagerl.spi.Noising;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Pictures;
import org.imagerl.toolkit.tensor.Scope;

/**
 * The baseline that learns p(x | c, y) from labelled pictures as a checkpoint is trained: the squared error of the denoiser's prediction at a
 * random time (Ho, Jain, Abbeel, 2020, arXiv 2006.11239, eq. 14), some pictures without class, some without prompt (Ho, Salimans, 2022, arXiv
 * 2207.12598). The same embeddings and adapters as CTRL's, in the same files. The prompt of a picture is the text {@code prompt} in its PNG file.
 */
public final class SupervisedTraining implements Pretraining {
    private static final String STATE = "training.safetensors";
    private static final String DONE = "control.safetensors";
    private static final String PNG_PROMPT = "prompt";
    private static final int REPORT_EVERY = 10;

    /**
     * How it is trained.
     *
     * @param checkpoint folder of a Stable Diffusion checkpoint, relative to the configuration
     * @param data the labelled pictures
     * @param seed of the adapters, the order and the noise
     * @param rank of the adapters
     * @param alpha of the adapters
     * @param targets of the adapters; empty as published trainings have it
     * @param steps updates
     * @param batch pictures per update
     * @param learningRate of the adapters
     * @param learningRateFactor of the embeddings
     * @param dropout share of the pictures without class, and of those without prompt
     * @param saveEvery steps between two saved states
     */
    public record Config(
            String checkpoint,
            LabelledPictures.Source data,
            long seed,
            int rank,
            double alpha,
            List<String> targets,
            int steps,
            int batch,
            double learningRate,
            double learningRateFactor,
            double dropout,
            int saveEvery) {
        /** Checks the ranges. */
        public Config {
            if (rank < 1 || steps < 1 || batch < 1 || saveEvery < 1) {
                throw new IllegalArgumentException("rank, steps, batch and save_every must be at least 1");
            }
            if (!(learningRate > 0 && learningRateFactor > 0 && dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException(
                        "learning_rate and learning_rate_factor must be above 0, dropout from 0 to below 1");
            }
        }

        /** Checkpoint and data are required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(
                    null, LabelledPictures.Source.defaults(), 0, 4, 4, List.of(), 1000, 32, 1e-3, 10, 0.1, 100);
        }
    }

    private final Config config;
    private final Context context;
    private final RandomStreams random;

    /** A training. */
    public SupervisedTraining(Config config, Context context) {
        this.config = config;
        this.context = context;
        this.random = new RandomStreams(config.seed());
    }

    @Override
    public void run(Path folder, Progress progress) {
        if (Files.exists(folder.resolve(DONE))) {
            return; // finished
        }
        LabelledPictures data =
                LabelledPictures.read(config.data(), config.seed(), context, line -> progress.update(line, 0, 1, ""));
        try (Pipeline pipeline = augmented(data);
                Tuning tuning = pipeline.tune(lora(), random.seed("tuning"))) {
            new Run(folder, data, pipeline, tuning).train(progress);
        }
    }

    private TuningSpec.Lora lora() {
        return new TuningSpec.Lora(
                List.of(), config.rank(), config.alpha(), config.targets(), TuningSpec.Lora.Init.GAUSSIAN);
    }

    private Pipeline augmented(LabelledPictures data) {
        Path checkpoint = context.folder().resolve(config.checkpoint());
        StableDiffusionFactory family = new StableDiffusionFactory();
        if (!family.recognises(checkpoint)) {
            throw UserException.input("checkpoint: " + checkpoint + " is no Stable Diffusion checkpoint");
        }
        ControlAugmentation.Config told =
                new ControlAugmentation.Config(data.controls(), List.of(), config.learningRateFactor(), null, 1);
        Pipeline base = family.open(checkpoint, new PipelineFactory.Options("float32", false, context));
        try {
            base.latentShape(config.data().width(), config.data().height());
            return new ControlAugmentation(told, context).augment(base);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /** One training with its tensors. */
    private final class Run {
        private final Path folder;
        private final LabelledPictures data;
        private final Pipeline pipeline;
        private final Tuning tuning;

        Run(Path folder, LabelledPictures data, Pipeline pipeline, Tuning tuning) {
            this.folder = folder;
            this.data = data;
            this.pipeline = pipeline;
            this.tuning = tuning;
        }

        void train(Progress progress) {
            LearningRate rate = new LearningRate(config.learningRate(), LearningRate.Shape.COSINE, 20, config.steps());
            AdamW.Settings settings = new AdamW.Settings(0.9, 0.999, 1e-8, 0, 1);
            try (AdamW optimiser =
                    new AdamW(settings, tuning.parameters(), tuning::learningRateFactor, pipeline.manager())) {
                Path state = folder.resolve(STATE);
                if (Files.exists(state)) {
                    Map<String, String> counters = TensorFiles.restore(state, tensors(optimiser));
                    optimiser.restore(Long.parseLong(counters.getOrDefault("steps", "0")));
                }
                double average = Double.NaN;
                while (optimiser.steps() < config.steps()) {
                    double loss = step(optimiser, rate);
                    average = Double.isNaN(average) ? loss : 0.98 * average + 0.02 * loss;
                    long done = optimiser.steps();
                    if (done % REPORT_EVERY == 0 || done == config.steps()) {
                        String detail = String.format(Locale.ROOT, "loss %.4f", average);
                        progress.update("supervised", done, config.steps(), detail);
                    }
                    if (done % config.saveEvery() == 0 || progress.stopped()) {
                        TensorFiles.save(state, tensors(optimiser), Map.of("steps", Long.toString(done)));
                    }
                    if (progress.stopped()) {
                        return;
                    }
                }
            }
            Gradients.off(() -> tuning.export(
                    folder, Map.of("checkpoint", config.checkpoint(), "seed", Long.toString(config.seed()))));
        }

        private Map<String, NDArray> tensors(AdamW optimiser) {
            Map<String, NDArray> tensors = new TreeMap<>(optimiser.state());
            tuning.parameters().forEach((name, tensor) -> tensors.put("parameter." + name, tensor));
            return tensors;
        }

        private double step(AdamW optimiser, LearningRate rate) {
            long step = optimiser.steps();
            double[] loss = new double[1];
            try (NDManager scope = pipeline.manager().newSubManager()) {
                SplittableRandom choices = random.stream("supervised", step);
                List<RgbImage> images = new ArrayList<>();
                List<Prompt> prompts = new ArrayList<>();
                for (int i = 0; i < config.batch(); i++) {
                    LabelledPictures.Labelled picture =
                            data.pictures().get(choices.nextInt(data.pictures().size()));
                    images.add(LabelledPictures.decode(
                            picture.file(), config.data().width(), config.data().height()));
                    prompts.add(prompt(picture, choices));
                }
                NDArray clean = Gradients.off(() -> pipeline.latents(Pictures.toTensor(scope, images)));
                NDArray noise = Kernels.randn(scope, random.seed("noise", step), clean.getShape());
                Scope.run(() -> Gradients.record(recording -> {
                    NDArray error = error(clean, noise, prompts, choices);
                    recording.backward(error);
                    loss[0] = error.stopGradient().getFloat();
                    return error;
                }));
            }
            if (optimiser.step(rate.at(step)).skipped()) {
                throw UserException.input("step " + step + ": the gradient is not finite; lower learning_rate");
            }
            return loss[0];
        }

        private Prompt prompt(LabelledPictures.Labelled picture, SplittableRandom choices) {
            boolean withClass = choices.nextDouble() >= config.dropout();
            boolean withText = choices.nextDouble() >= config.dropout();
            Map<String, String> classes = new LinkedHashMap<>();
            for (int k = 0; withClass && k < data.controls().size(); k++) {
                Control control = data.controls().get(k);
                classes.put(control.name(), Integer.toString(picture.classes()[k]));
            }
            String text = withText ? caption(picture.file()) : "";
            return new Prompt("", text, classes);
        }

        private NDArray error(NDArray clean, NDArray noise, List<Prompt> prompts, SplittableRandom choices) {
            int[] size = {config.data().width(), config.data().height()};
            Schedule schedule = pipeline.schedule(size[0], size[1]);
            double[] timesteps = new double[prompts.size()];
            double[][] mix = new double[4][prompts.size()];
            for (int i = 0; i < timesteps.length; i++) {
                timesteps[i] = schedule.timestep(choices.nextDouble());
                Noising at = schedule.at(timesteps[i]);
                mix[0][i] = at.alpha();
                mix[1][i] = at.sigma();
                mix[2][i] = at.onX0();
                mix[3][i] = at.onEps();
            }
            NDArray noisy = PerSample.mixed(clean, mix[0], noise, mix[1]);
            NDArray target = PerSample.mixed(clean, mix[2], noise, mix[3]);
            Map<String, NDArray> told = pipeline.condition(clean.getManager(), prompts, List.of(), size)
                    .positive();
            NDArray error = pipeline.denoise(noisy, timesteps, told).sub(target);
            return error.mul(error).mean();
        }
    }

    private static String caption(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".png")
                ? PngText.read(file).getOrDefault(PNG_PROMPT, "")
                : "";
    }
}
