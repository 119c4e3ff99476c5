package org.imagerl.training.distil;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.imagerl.images.ImageDecoder;
import org.imagerl.scoring.PairCandidates;
import org.imagerl.scoring.ScoredImage;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Sha256;
import org.imagerl.spi.text.Count;
import org.imagerl.toolkit.latent.DistillationSettings;
import org.imagerl.toolkit.latent.LatentModel;
import org.imagerl.toolkit.latent.LatentSample;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.data.PromptHash;

/**
 * Trains a reward of latents on images that another reward has scored. The latents are those that the checkpoint's own autoencoder gives of the images;
 * the images of some prompts are held out, and the agreement with the teacher is measured on them.
 */
public final class Distillation {
    /** A prompt is read to its end if it is no longer. */
    private static final int MOST_TEXT_BYTES = 256;

    private static final int ENCODED_AT_ONCE = 16;
    private static final int FEWEST = 8;

    /**
     * What to learn from.
     *
     * @param teacher of the scores, for people
     * @param images with their scores
     * @param checkpoint whose latents are scored
     * @param heldOut share of the prompts whose images are not trained on
     */
    public record Request(Path scores, String teacher, PairCandidates images, Path checkpoint, double heldOut) {
        /** Checks the range. */
        public Request {
            if (!(heldOut > 0 && heldOut < 1)) {
                throw UserException.input("--held-out must be between 0 and 1, not " + heldOut);
            }
        }
    }

    /**
     * What was made.
     *
     * @param trained images that were trained on
     * @param heldOut images that were not
     * @param agreement with the teacher on the latter, by name
     */
    public record Result(int trained, int heldOut, Map<String, Double> agreement) {}

    private final Request request;
    private final Pipeline pipeline;
    private final Progress progress;

    /** @param pipeline of the checkpoint; stays open */
    public Distillation(Request request, Pipeline pipeline, Progress progress) {
        this.request = request;
        this.pipeline = pipeline;
        this.progress = progress;
    }

    /** The bytes of the longest prompt, or as many as are read at most. */
    public static int textBytes(PairCandidates images) {
        return images.images().stream()
                .mapToInt(image -> image.prompt().getBytes(StandardCharsets.UTF_8).length)
                .map(bytes -> Math.min(bytes, MOST_TEXT_BYTES))
                .max()
                .orElse(0);
    }

    /**
     * Trains and writes.
     *
     * @param folder to write into
     * @throws UserException if the images cannot be learned from, with the reason
     * @throws CancellationException if the user stops it
     */
    public Result run(DistillationSettings settings, Path folder) {
        Map<Boolean, List<ScoredImage>> split = request.images().images().stream()
                .collect(Collectors.partitioningBy(
                        image -> PromptHash.share(PromptHash.of(image.prompt())) < request.heldOut()));
        List<ScoredImage> training = split.getOrDefault(false, List.of());
        List<ScoredImage> heldOut = split.getOrDefault(true, List.of());
        requireEnough(training, heldOut);
        RgbImage first = ImageDecoder.decode(training.get(0).file());
        LatentSpace space = pipeline.latentSpace(first.width(), first.height());
        List<LatentSample> learned = encoded(training, first, 0);
        List<LatentSample> asked = encoded(heldOut, first, training.size());
        Device device = pipeline.manager().getDevice();
        try (LatentModel model = LatentModel.train(space.shape(), learned, settings, device, progress)) {
            double[] teacher = asked.stream().mapToDouble(LatentSample::score).toArray();
            List<String> prompts =
                    asked.stream().map(sample -> sample.prompt().text()).toList();
            Map<String, Double> agreement =
                    Agreement.of(teacher, model.scores(asked), prompts).byName();
            model.write(folder, space, facts(settings, training, heldOut), agreement);
            return new Result(training.size(), heldOut.size(), agreement);
        }
    }

    private void requireEnough(List<ScoredImage> training, List<ScoredImage> heldOut) {
        for (List<ScoredImage> some : List.of(training, heldOut)) {
            String which = some.equals(training) ? "to train on" : "held out";
            long scores = some.stream().map(ScoredImage::score).distinct().count();
            if (some.size() < FEWEST || scores < 2) {
                throw UserException.input(request.scores() + ": has " + Count.of(some.size(), "image") + " " + which
                        + " with " + Count.of(scores, "different score") + "; at least " + FEWEST
                        + " with 2 are needed. Score more images of more prompts (prompts are held out whole), or"
                        + " change --held-out");
            }
        }
    }

    private List<LatentSample> encoded(List<ScoredImage> images, RgbImage first, int done) {
        List<LatentSample> samples = new ArrayList<>();
        for (int from = 0; from < images.size(); from += ENCODED_AT_ONCE) {
            if (progress.stopped()) {
                throw new CancellationException("stopped by the user");
            }
            List<ScoredImage> some = images.subList(from, Math.min(images.size(), from + ENCODED_AT_ONCE));
            List<float[]> latents = latents(some, first);
            for (int i = 0; i < some.size(); i++) {
                ScoredImage image = some.get(i);
                samples.add(new LatentSample(latents.get(i), Prompt.of("image", image.prompt()), image.score()));
            }
            progress.update(
                    "encode", done + samples.size(), request.images().images().size(), "");
        }
        return samples;
    }

    private List<float[]> latents(List<ScoredImage> some, RgbImage first) {
        List<RgbImage> pixels = new ArrayList<>();
        for (ScoredImage image : some) {
            RgbImage decoded = ImageDecoder.decode(image.file());
            if (decoded.width() != first.width() || decoded.height() != first.height()) {
                throw UserException.input(image.file() + ": is " + decoded.width() + " x " + decoded.height()
                        + " pixels, others are " + first.width() + " x " + first.height()
                        + "; a reward of latents is of images of one size, that of the rollouts");
            }
            pixels.add(decoded);
        }
        List<float[]> rows = new ArrayList<>();
        try (NDManager scratch = pipeline.manager().newSubManager()) {
            Scope.run(() -> {
                NDArray latents = Gradients.off(() -> pipeline.latents(ImageTensors.toTensor(scratch, pixels)));
                for (int i = 0; i < pixels.size(); i++) {
                    rows.add(Floats.of(latents.get(i)));
                }
            });
        }
        return rows;
    }

    private Map<String, String> facts(
            DistillationSettings settings, List<ScoredImage> training, List<ScoredImage> heldOut) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("teacher", request.teacher());
        facts.put("scores", name(request.scores()));
        if (Files.isRegularFile(request.scores())) {
            facts.put("scores_sha256", Sha256.of(request.scores()));
        }
        facts.put("checkpoint", name(request.checkpoint()));
        facts.put("images", Integer.toString(training.size()));
        facts.put("prompts", Long.toString(prompts(training)));
        facts.put("held_out_images", Integer.toString(heldOut.size()));
        facts.put("held_out_prompts", Long.toString(prompts(heldOut)));
        facts.put("epochs", Integer.toString(settings.epochs()));
        facts.put("batch", Integer.toString(settings.batch()));
        facts.put("learning_rate", Double.toString(settings.learningRate()));
        facts.put("noise", Double.toString(settings.noise()));
        facts.put("seed", Long.toString(settings.seed()));
        return facts;
    }

    private static long prompts(List<ScoredImage> images) {
        return images.stream().map(ScoredImage::prompt).distinct().count();
    }

    private static String name(Path path) {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName());
    }
}
