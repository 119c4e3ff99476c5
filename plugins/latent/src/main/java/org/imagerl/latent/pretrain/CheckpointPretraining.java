package org.imagerl.latent.pretrain;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.Fonts;
import org.imagerl.images.PngWriter;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.pipeline.Component;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.vae.AutoencoderKl;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Progress;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.optim.Fit;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;

/**
 * Makes a checkpoint from nothing in two stages: the autoencoder, then text encoders and denoiser together. The
 * state of each stage is saved every so often and taken up again; a stage is finished when its weights stand in the checkpoint.
 */
public final class CheckpointPretraining implements Pretraining {
    private static final Map<String, String> METADATA = Map.of("format", "pt");
    private static final int REPORT_EVERY = 10;

    private final PretrainPlan plan;
    private final NewCheckpoint checkpoint;
    private final Context context;

    /** A pretraining of a family. */
    public CheckpointPretraining(PretrainPlan plan, NewCheckpoint checkpoint, Context context) {
        this.plan = plan;
        this.checkpoint = checkpoint;
        this.context = context;
    }

    @Override
    public void run(Path folder, Progress progress) {
        if (!Files.exists(folder.resolve("model_index.json"))) {
            ConfigFiles.save(folder.resolve("vae/config.json"), ConfigFiles.vae(plan));
            checkpoint.describe(folder);
        }
        TrainingData data = new TrainingData(plan, context);
        if (!Files.exists(weights(folder, "vae", Component.DIFFUSERS))) {
            trainVae(folder, data, progress);
        }
        if (!progress.stopped() && !Files.exists(weights(folder, checkpoint.denoiser(), Component.DIFFUSERS))) {
            trainDenoiser(folder, data, progress);
        }
    }

    private void trainVae(Path folder, TrainingData data, Progress progress) {
        ParameterStore network = new ParameterStore("vae");
        AutoencoderKl vae =
                new AutoencoderKl(network, VaeConfig.read(folder.resolve("vae/config.json")), Checkpointing.FALSE);
        try (NDManager manager = manager()) {
            NetworkWeights.initialise(network, manager, new RandomStreams(plan.seed()));
            try (VaeTraining training = new VaeTraining(plan.vae(), vae, network, data, manager)) {
                Path state = folder.resolve("pretrain-vae.safetensors");
                if (fit("vae", training.fit(), training::step, plan.vae().steps(), state, progress)) {
                    training.fit().averaged(() -> finishVae(folder, network, training));
                    delete(state);
                }
            }
        }
    }

    private Path finishVae(Path folder, ParameterStore network, VaeTraining training) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (RgbImage image : training.preview(16)) {
            cells.add(new ContactSheet.Cell(image, List.of(cells.size() % 2 == 0 ? "image" : "reconstruction")));
        }
        PngWriter.write(
                folder.resolve("pretrain-vae.png"), ContactSheet.of(8, cells).render(), Map.of());
        Fonts.warnIfMissing(context.warnings());
        ConfigFiles.setScalingFactor(folder, training.scalingFactor());
        return save(folder, network);
    }

    private void trainDenoiser(Path folder, TrainingData data, Progress progress) {
        RandomStreams random = new RandomStreams(plan.seed());
        OpenCheckpoint.WeightInitialiser initialiser = (network, manager) -> {
            boolean begins = !network.component().equals("vae");
            if (begins) {
                checkpoint.initialise(network, manager, random);
            }
            return begins;
        };
        Set<String> warned = new HashSet<>();
        try (NDManager manager = manager()) {
            OpenCheckpoint open = OpenCheckpoint.untrained(folder, manager, initialiser, warning -> {
                if (warned.add(warning)) {
                    context.warnings().accept(warning);
                }
            });
            PipelineParts parts = Gradients.off(() -> checkpoint.parts(open));
            try (PromptEncoder encoder = parts.encoder();
                    DenoiserTraining training = new DenoiserTraining(plan, checkpoint, parts, data, manager)) {
                Path state = folder.resolve("pretrain-denoiser.safetensors");
                int steps = plan.denoiser().steps();
                if (fit("denoiser", training.fit(), training::step, steps, state, progress)) {
                    training.fit().averaged(() -> {
                        encoder.networks().forEach(network -> save(folder, network));
                        return save(folder, parts.denoiser().network());
                    });
                    delete(state);
                }
            }
        }
    }

    /** Runs a stage to its end, from its saved state if there is one; false if the user stopped it. */
    private boolean fit(String stage, Fit fit, DoubleSupplier step, int steps, Path state, Progress progress) {
        if (Files.exists(state)) {
            fit.restore(state);
        }
        double average = Double.NaN;
        while (fit.steps() < steps) {
            double loss = step.getAsDouble();
            average = Double.isNaN(average) ? loss : 0.98 * average + 0.02 * loss;
            if (fit.steps() % REPORT_EVERY == 0 || fit.steps() == steps) {
                progress.update(stage, fit.steps(), steps, String.format(Locale.ROOT, "loss %.4f", average));
            }
            boolean stopped = progress.stopped();
            if (fit.steps() % plan.saveEvery() == 0 || stopped) {
                fit.save(state);
            }
            if (stopped) {
                return false;
            }
        }
        return true;
    }

    private Path save(Path folder, ParameterStore network) {
        DType dtype = plan.dtype().equals("float16") ? DType.F16 : DType.F32;
        Path file = weights(folder, network.component(), Component.of(network));
        SafetensorsWriter.write(file, NetworkWeights.sources(network, dtype), METADATA);
        return file;
    }

    private static Path weights(Path folder, String component, Component names) {
        return folder.resolve(component).resolve(names.stem() + ".safetensors");
    }

    private NDManager manager() {
        return NDManager.newBaseManager(Devices.choose(context.device(), message -> {}), "PyTorch");
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
