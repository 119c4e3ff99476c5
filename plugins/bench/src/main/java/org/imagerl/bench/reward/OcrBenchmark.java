package org.imagerl.bench.reward;

import ai.onnxruntime.OrtException;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.imagerl.bench.timing.Seconds;
import org.imagerl.bench.timing.Timing;
import org.imagerl.rewards.ocr.OcrConfig;
import org.imagerl.rewards.ocr.OcrFactory;
import org.imagerl.rewards.ocr.Resources;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.work.Workers;

/** How fast text is read: images of 512 x 512 with detection, and images of one line against their network alone. */
final class OcrBenchmark {
    private static final int REPEATS = 5;

    /** What the recogniser makes of an image of 64 x 32. */
    private static final int HEIGHT = 48;

    private static final int WIDTH = 96;

    /** Lines are read in milliseconds, and the processor's time comes in hundredths of a second. */
    private static final int ROUNDS = 8;
    /** It takes much longer, and nothing is compared with it. */
    private static final int DETECT_REPEATS = 2;

    private OcrBenchmark() {}

    /**
     * Measures.
     *
     * @param images of each kind
     */
    static void run(int images, int threads, Consumer<String> lines) {
        List<RgbImage> pages = new ArrayList<>();
        List<RgbImage> strips = new ArrayList<>();
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            pages.add(image(512, 512, "WORD " + i));
            strips.add(image(64, 32, "" + (100 + i)));
            prompts.add(Prompt.of("p" + i, "a sign that says \"" + (100 + i) + "\""));
        }
        OcrConfig.Models models = new OcrFactory().defaults().models();
        List<Tensor> inputs = inputs(strips.size());
        List<Seconds> detect = new ArrayList<>();
        List<Seconds> line = new ArrayList<>();
        List<Seconds> bare = new ArrayList<>();
        try (Reward detecting = reward(OcrConfig.Mode.DETECT, threads);
                Reward reading = reward(OcrConfig.Mode.LINE, threads);
                Workers workers = new Workers(threads, "benchmark");
                OnnxSession session = OnnxSession.load(
                        models.recogniser(), Resources.read(models.recogniser()), new OnnxDevice(OnnxDevice.CPU), 1)) {
            for (int i = -1; i < REPEATS; i++) {
                if (i == 0) { // what was before warmed up
                    List.of(detect, line, bare).forEach(List::clear);
                }
                if (i < DETECT_REPEATS) {
                    detect.add(Seconds.of(() -> detecting.score(pages, prompts)));
                }
                line.add(rounds(() -> reading.score(strips, prompts)));
                bare.add(rounds(() -> workers.map(inputs.size(), j -> run(session, inputs.get(j)))));
            }
        }
        lines.accept(String.format(
                Locale.ROOT,
                "OCR, %d threads: detect 512 x 512 %.2f images/s; line 64 x 32 %.2f images/s, of which the network"
                        + " alone %.1f %% of the processor's time, %.1f %% by the clock",
                threads,
                images / shortest(detect),
                ROUNDS * images / shortest(line),
                100 * Timing.ratio(bare, line, Seconds::processor),
                100 * Timing.ratio(bare, line, Seconds::clock)));
    }

    private static Seconds rounds(Runnable work) {
        return Seconds.of(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                work.run();
            }
        });
    }

    /** A text on a slanted ground. */
    static RgbImage image(int width, int height, String text) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        for (int y = 0; y < height; y++) {
            g.setColor(new Color(200 + 50 * y / height, 220, 250 - 50 * y / height));
            g.drawLine(0, y, width, y);
        }
        g.setColor(Color.BLACK);
        g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, Math.min(height / 2, 48)));
        g.drawString(text, width / 10, height / 2 + height / 5);
        g.dispose();
        byte[] rgb = new byte[width * height * 3];
        int at = 0;
        for (int colour : image.getRGB(0, 0, width, height, null, 0, width)) {
            rgb[at++] = (byte) (colour >> 16);
            rgb[at++] = (byte) (colour >> 8);
            rgb[at++] = (byte) colour;
        }
        return new RgbImage(width, height, rgb);
    }

    private static Reward reward(OcrConfig.Mode mode, int threads) {
        OcrConfig d = new OcrFactory().defaults();
        OcrConfig config = new OcrConfig(
                d.models(),
                mode,
                d.dropScore(),
                d.channelOrder(),
                d.readingOrder(),
                d.quotes(),
                d.fallback(),
                d.ignoreCase(),
                d.ignoreSpaces(),
                1,
                "cpu");
        return new OcrFactory().create(config, new Context(Path.of(""), "cpu", threads, line -> {}));
    }

    /** Lines of noise of the size that the recogniser gives to those that it reads. */
    private static List<Tensor> inputs(int count) {
        SplittableRandom random = new SplittableRandom(0);
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    float[] values = new float[3 * HEIGHT * WIDTH];
                    for (int j = 0; j < values.length; j++) {
                        values[j] = 2 * random.nextFloat() - 1;
                    }
                    return new Tensor(values, new long[] {1, 3, HEIGHT, WIDTH});
                })
                .toList();
    }

    /** The shortest by the clock, in seconds: others are longer because something else ran. */
    static double shortest(List<Seconds> times) {
        return times.stream().mapToDouble(Seconds::clock).min().orElse(Double.NaN);
    }

    private static Tensor run(OnnxSession session, Tensor input) {
        try {
            return session.run(input);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
