package org.imagerl.rewards.ocr;

import ai.onnxruntime.OrtException;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.imagerl.rewards.Workers;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.OnnxSession.Tensor;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;

/** How fast text is read: pictures of 512 x 512 with detection, and pictures of one line against their network alone. */
public final class OcrBenchmark {
    private static final float[] HALF = {0.5f, 0.5f, 0.5f};

    private OcrBenchmark() {}

    /**
     * Measures.
     *
     * @param pictures of each kind
     */
    public static void run(int pictures, int threads, Consumer<String> lines) {
        List<RgbImage> pages = new ArrayList<>();
        List<RgbImage> strips = new ArrayList<>();
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            pages.add(picture(512, 512, "WORD " + i));
            strips.add(picture(64, 32, "" + (100 + i)));
            prompts.add(Prompt.of("p" + i, "a sign that says \"" + (100 + i) + "\""));
        }
        double detect = reward(OcrConfig.Mode.DETECT, pages, prompts, threads);
        double line = reward(OcrConfig.Mode.LINE, strips, prompts, threads);
        double bare = bare(strips, threads);
        lines.accept(String.format(
                Locale.ROOT,
                "OCR, %d threads: detect 512 x 512 %.2f pictures/s; line 64 x 32 %.2f pictures/s, of which the network alone"
                        + " %.1f %% (wanted: at least 90.9 %%, within 10 %% of it)",
                threads,
                pictures / detect,
                pictures / line,
                100 * bare / line));
    }

    /** A text on a slanted ground. */
    public static RgbImage picture(int width, int height, String text) {
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

    private static double reward(OcrConfig.Mode mode, List<RgbImage> images, List<Prompt> prompts, int threads) {
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
        try (Reward reward = new OcrFactory().create(config, new Context(Path.of(""), "cpu", threads, line -> {}))) {
            reward.score(images.subList(0, 1), prompts.subList(0, 1)); // warm
            long start = System.nanoTime();
            reward.score(images, prompts);
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** The recogniser alone, on inputs that are ready. */
    private static double bare(List<RgbImage> images, int threads) {
        OcrConfig.Models models = new OcrFactory().defaults().models();
        Planes planes = new Planes(OcrConfig.ChannelOrder.BGR, HALF, HALF);
        List<Tensor> inputs = images.stream()
                .map(image -> planes.of(image, LineRecogniser.width(image), 48, LineRecogniser.width(image)))
                .toList();
        OnnxDevice device = new OnnxDevice(OnnxDevice.CPU);
        try (Workers workers = new Workers(threads, "benchmark");
                OnnxSession session =
                        OnnxSession.load(models.recogniser(), Resources.read(models.recogniser()), device, 1)) {
            IntConsumer run = i -> {
                try {
                    session.run(inputs.get(i));
                } catch (OrtException e) {
                    throw new IllegalStateException(e);
                }
            };
            run.accept(0); // warm
            long start = System.nanoTime();
            workers.map(inputs.size(), i -> {
                run.accept(i);
                return i;
            });
            return (System.nanoTime() - start) / 1e9;
        }
    }
}
