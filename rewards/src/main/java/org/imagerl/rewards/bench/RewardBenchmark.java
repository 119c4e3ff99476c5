package org.imagerl.rewards.bench;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngWriter;
import org.imagerl.rewards.Workers;
import org.imagerl.rewards.model.Presets;
import org.imagerl.rewards.ocr.OcrBenchmark;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.preprocess.Preprocess;
import org.imagerl.rewards.preprocess.PreprocessorFile;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.ScratchFolder;

/**
 * Pictures per second of the built-in scorers on the CPU. The parts are measured one by one, on as many threads as the whole; what the
 * whole takes beyond their sum is the rest. The bounds beside the numbers are what the project wants of itself.
 */
final class RewardBenchmark implements Benchmark {
    private static final int SIDE = 512;
    /** Of several measurements the shortest counts: others are longer because something else ran. */
    private static final int REPEATS = 3;

    private final RewardBenchmarkFactory.Config config;
    private final Path parent;

    RewardBenchmark(RewardBenchmarkFactory.Config config, Path parent) {
        this.config = config;
        this.parent = parent;
    }

    @Override
    public void run(Consumer<String> lines) {
        for (int threads : config.threads()) {
            OcrBenchmark.run(config.pictures(), threads, lines);
        }
        try (ScratchFolder scratch = ScratchFolder.in(parent)) {
            RandomClip.write(scratch.path(), config.layers());
            for (int threads : config.threads()) {
                clip(scratch.path(), threads, lines);
            }
        } catch (IOException e) {
            throw IoProblems.writing(parent, e);
        }
    }

    private void clip(Path folder, int threads, Consumer<String> lines) {
        List<byte[]> files = files();
        List<RgbImage> images =
                files.stream().map(file -> ImageDecoder.decode(file, "picture")).toList();
        Preprocess preprocess = PreprocessorFile.read(folder.resolve("preprocessor_config.json"));
        List<OnnxSession.Tensor> tensors = images.stream()
                .map(preprocess::apply)
                .map(input -> new OnnxSession.Tensor(input.values(), new long[] {1, 3, input.height(), input.width()}))
                .toList();
        try (Workers workers = new Workers(threads, "benchmark");
                OnnxSession session =
                        OnnxSession.load(folder.resolve("model.onnx"), new OnnxDevice(OnnxDevice.CPU), 1);
                Reward reward = reward(folder, threads)) {
            double decode = seconds(workers, i -> ImageDecoder.decode(files.get(i), "picture"));
            double resize = seconds(workers, i -> preprocess.apply(images.get(i)));
            double model = seconds(workers, i -> bare(session, tensors.get(i)));
            double whole = whole(workers, reward, files);
            double rest = whole - decode - resize - model;
            lines.accept(String.format(
                    Locale.ROOT,
                    "CLIP (%d layers), %d threads: %.2f pictures/s; decode %.1f %%, resize %.1f %%, model %.1f %% (wanted: at"
                            + " least 85 %%), rest %.1f %%",
                    config.layers(),
                    threads,
                    files.size() / whole,
                    100 * decode / whole,
                    100 * resize / whole,
                    100 * model / whole,
                    100 * rest / whole));
        }
    }

    private List<byte[]> files() {
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < config.pictures(); i++) {
            files.add(PngWriter.encode(OcrBenchmark.picture(SIDE, SIDE, "picture " + i), Map.of()));
        }
        return files;
    }

    private static Reward reward(Path folder, int threads) {
        return Presets.make("clip", folder, new Context(folder, "cpu", threads, warning -> {}));
    }

    private static void bare(OnnxSession session, OnnxSession.Tensor pixels) {
        long[] ids = new long[RandomClip.TOKENS];
        try {
            session.run(
                    Map.of("pixel_values", pixels, "input_ids", new OnnxSession.Ids(ids, new long[] {1, ids.length})),
                    Set.of("image_embeds", "text_embeds"));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As a scoring run does it: decoding and scoring. */
    private static double whole(Workers workers, Reward reward, List<byte[]> files) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            prompts.add(Prompt.of("p" + i, "a picture of the number " + i));
        }
        return shortest(() -> {
            List<RgbImage> images = workers.map(files.size(), i -> ImageDecoder.decode(files.get(i), "picture"));
            reward.score(images, prompts);
        });
    }

    private double seconds(Workers workers, IntConsumer work) {
        return shortest(() -> workers.map(config.pictures(), i -> {
            work.accept(i);
            return i;
        }));
    }

    private static double shortest(Runnable work) {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < REPEATS; i++) {
            long start = System.nanoTime();
            work.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }
}
