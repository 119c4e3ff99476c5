package org.imagerl.bench.reward;

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
import org.imagerl.bench.timing.Seconds;
import org.imagerl.bench.timing.Timing;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.hub.preprocess.PreprocessorFile;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngWriter;
import org.imagerl.rewards.model.Presets;
import org.imagerl.rewards.onnx.ModelInput.Ids;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.spi.work.Workers;

/**
 * Images per second of the built-in scorers on the CPU. The parts are measured in turns with the whole, on as many threads; what the
 * whole takes beyond their sum is the rest.
 */
final class RewardBenchmark implements Benchmark {
    private static final int SIDE = 512;

    private static final int REPEATS = 5;

    private final RewardBenchmarkFactory.Config config;
    private final Path parent;

    RewardBenchmark(RewardBenchmarkFactory.Config config, Path parent) {
        this.config = config;
        this.parent = parent;
    }

    @Override
    public void run(Consumer<String> lines) {
        for (int threads : config.threads()) {
            OcrBenchmark.run(config.images(), threads, lines);
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
                files.stream().map(file -> ImageDecoder.decode(file, "image")).toList();
        Preprocess preprocess = PreprocessorFile.read(folder.resolve("preprocessor_config.json"));
        List<Tensor> tensors = images.stream()
                .map(preprocess::apply)
                .map(input -> new Tensor(input.values(), new long[] {1, 3, input.height(), input.width()}))
                .toList();
        try (Workers workers = new Workers(threads, "benchmark");
                OnnxSession session =
                        OnnxSession.load(folder.resolve("model.onnx"), new OnnxDevice(OnnxDevice.CPU), 1);
                Reward reward = reward(folder, threads)) {
            List<Prompt> prompts = prompts(files.size());
            List<Seconds> decode = new ArrayList<>();
            List<Seconds> resize = new ArrayList<>();
            List<Seconds> model = new ArrayList<>();
            List<Seconds> whole = new ArrayList<>();
            for (int i = -1; i < REPEATS; i++) {
                if (i == 0) { // what was before warmed up
                    List.of(decode, resize, model, whole).forEach(List::clear);
                }
                decode.add(each(workers, j -> ImageDecoder.decode(files.get(j), "image")));
                resize.add(each(workers, j -> preprocess.apply(images.get(j))));
                model.add(each(workers, j -> bare(session, tensors.get(j))));
                whole.add(Seconds.of(() -> asAScoringRun(workers, reward, files, prompts)));
            }
            lines.accept(String.format(
                    Locale.ROOT,
                    "CLIP (%d layers), %d threads: %.2f images/s; of the processor's time decode %.1f %%, resize %.1f"
                            + " %%, model %.1f %%, rest %.1f %%; by the clock model %.1f %%",
                    config.layers(),
                    threads,
                    files.size() / OcrBenchmark.shortest(whole),
                    100 * Timing.ratio(decode, whole, Seconds::processor),
                    100 * Timing.ratio(resize, whole, Seconds::processor),
                    100 * Timing.ratio(model, whole, Seconds::processor),
                    100 * rest(whole, List.of(decode, resize, model)),
                    100 * Timing.ratio(model, whole, Seconds::clock)));
        }
    }

    private static double rest(List<Seconds> whole, List<List<Seconds>> parts) {
        return 1
                - parts.stream()
                        .mapToDouble(part -> Timing.ratio(part, whole, Seconds::processor))
                        .sum();
    }

    private List<byte[]> files() {
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < config.images(); i++) {
            files.add(PngWriter.encode(OcrBenchmark.image(SIDE, SIDE, "image " + i), Map.of()));
        }
        return files;
    }

    private static Reward reward(Path folder, int threads) {
        return Presets.make("clip", folder, new Context(folder, "cpu", threads, warning -> {}));
    }

    private static void bare(OnnxSession session, Tensor pixels) {
        long[] ids = new long[RandomClip.TOKENS];
        try {
            session.run(
                    Map.of("pixel_values", pixels, "input_ids", new Ids(ids, new long[] {1, ids.length})),
                    Set.of("image_embeds", "text_embeds"));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Prompt> prompts(int count) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prompts.add(Prompt.of("p" + i, "an image of the number " + i));
        }
        return prompts;
    }

    private static void asAScoringRun(Workers workers, Reward reward, List<byte[]> files, List<Prompt> prompts) {
        List<RgbImage> images = workers.map(files.size(), i -> ImageDecoder.decode(files.get(i), "image"));
        reward.score(images, prompts);
    }

    private Seconds each(Workers workers, IntConsumer work) {
        return Seconds.of(() -> workers.map(config.images(), i -> {
            work.accept(i);
            return i;
        }));
    }
}
