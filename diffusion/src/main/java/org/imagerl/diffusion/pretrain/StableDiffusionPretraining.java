package org.imagerl.diffusion.pretrain;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;
import org.imagerl.diffusion.checkpoint.ClipTextConfig;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.VaeConfig;
import org.imagerl.diffusion.clip.ClipTextModel;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.diffusion.vae.AutoencoderKl;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Progress;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.optim.Fit;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.WeightFiles;

/**
 * Makes a Stable-Diffusion-1-type checkpoint from nothing in two stages: the autoencoder, then text encoder and denoiser together. The
 * state of each stage is saved every so often and taken up again; a stage is finished when its weights stand in the checkpoint.
 */
final class StableDiffusionPretraining implements Pretraining {
    private static final Map<String, String> METADATA = Map.of("format", "pt");
    private static final int REPORT_EVERY = 10;

    private final PretrainConfig config;
    private final Path configFolder;

    StableDiffusionPretraining(PretrainConfig config, Path configFolder) {
        this.config = config;
        this.configFolder = configFolder;
    }

    @Override
    public void run(Path folder, Progress progress) {
        if (!Files.exists(folder.resolve("model_index.json"))) {
            CheckpointTemplate.write(folder, config);
        }
        TrainingData data = new TrainingData(config, configFolder);
        if (!Files.exists(vaeWeights(folder))) {
            trainVae(folder, data, progress);
        }
        if (!progress.stopped() && !Files.exists(unetWeights(folder))) {
            trainDenoiser(folder, data, progress);
        }
    }

    private void trainVae(Path folder, TrainingData data, Progress progress) {
        Network network = new Network("vae");
        AutoencoderKl vae = new AutoencoderKl(network, VaeConfig.read(folder.resolve("vae/config.json")), false);
        try (NDManager manager = NDManager.newBaseManager()) {
            NetworkWeights.initialise(network, manager, new RandomStreams(config.seed()));
            try (VaeTraining training = new VaeTraining(config.vae(), vae, network, data, manager)) {
                Path state = folder.resolve("pretrain-vae.safetensors");
                if (fit("vae", training.fit(), training::step, config.vae().steps(), state, progress)) {
                    training.fit().averaged(() -> finishVae(folder, network, training));
                    delete(state);
                }
            }
        }
    }

    private Path finishVae(Path folder, Network network, VaeTraining training) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (RgbImage image : training.preview(16)) {
            cells.add(new ContactSheet.Cell(image, List.of(cells.size() % 2 == 0 ? "picture" : "reconstruction")));
        }
        PngWriter.write(
                folder.resolve("pretrain-vae.png"), ContactSheet.of(8, cells).render(), Map.of());
        CheckpointTemplate.setScalingFactor(folder, training.scalingFactor());
        return save(vaeWeights(folder), network);
    }

    private void trainDenoiser(Path folder, TrainingData data, Progress progress) {
        Network vaeNetwork = new Network("vae");
        Network textNetwork = new Network("text_encoder");
        Network unetNetwork = new Network("unet");
        try (NDManager manager = NDManager.newBaseManager();
                ClipTokenizer tokenizer = ClipTokenizer.load(folder.resolve("tokenizer"))) {
            DenoiserTraining.Networks networks = new DenoiserTraining.Networks(
                    tokenizer,
                    new ClipTextModel(textNetwork, ClipTextConfig.read(folder.resolve("text_encoder/config.json"))),
                    new UNet(unetNetwork, UnetConfig.read(folder.resolve("unet/config.json")), false),
                    new AutoencoderKl(vaeNetwork, VaeConfig.read(folder.resolve("vae/config.json")), false));
            try (WeightFiles files = WeightFiles.single(vaeWeights(folder))) {
                NetworkWeights.load(vaeNetwork, files, manager, DataType.FLOAT32, UnaryOperator.identity());
            }
            RandomStreams random = new RandomStreams(config.seed());
            NetworkWeights.initialise(textNetwork, manager, random);
            NetworkWeights.initialise(unetNetwork, manager, random);
            SchedulerConfig scheduler = SchedulerConfig.read(folder.resolve("scheduler/scheduler_config.json"));
            try (DenoiserTraining training = new DenoiserTraining(
                    config.unet(), networks, scheduler, List.of(textNetwork, unetNetwork), data, manager)) {
                Path state = folder.resolve("pretrain-denoiser.safetensors");
                if (fit(
                        "denoiser",
                        training.fit(),
                        training::step,
                        config.unet().steps(),
                        state,
                        progress)) {
                    training.fit().averaged(() -> {
                        save(folder.resolve("text_encoder/model.safetensors"), textNetwork);
                        return save(unetWeights(folder), unetNetwork);
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
            if (fit.steps() % config.saveEvery() == 0 || progress.stopped()) {
                fit.save(state);
            }
            if (progress.stopped()) {
                return false;
            }
        }
        return true;
    }

    private Path save(Path file, Network network) {
        DType dtype = config.dtype().equals("float16") ? DType.F16 : DType.F32;
        SafetensorsWriter.write(file, NetworkWeights.sources(network, dtype), METADATA);
        return file;
    }

    private static Path vaeWeights(Path folder) {
        return folder.resolve("vae/diffusion_pytorch_model.safetensors");
    }

    private static Path unetWeights(Path folder) {
        return folder.resolve("unet/diffusion_pytorch_model.safetensors");
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
