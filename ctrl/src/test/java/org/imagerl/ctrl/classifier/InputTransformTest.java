package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.imagerl.ctrl.Tiny;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.ctrl.data.Labels;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InputTransformTest {
    private static final int HEIGHT = 32;
    private static final int WIDTH = 48;

    private static float[] images() {
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[2 * 3 * HEIGHT * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble();
        }
        return values;
    }

    private static float[] seen(InputTransform input, float... images) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray seen = Gradients.off(() -> input.apply(tensor(manager, images)));
            assertThat(seen.getShape()).isEqualTo(new Shape(2, 192, HEIGHT / 8, WIDTH / 8));
            return seen.toFloatArray();
        }
    }

    private static NDArray tensor(NDManager manager, float... images) {
        return manager.create(images, new Shape(2, 3, HEIGHT, WIDTH)).duplicate();
    }

    /** The equation of ITU-T T.81, A.3.3, of Y, Cb and Cr of JFIF, the middle of the levels at zero; of colours 2 x 2 pixels are one where they are subsampled. */
    @ParameterizedTest
    @EnumSource(
            value = InputTransform.class,
            names = {"DCT", "JPEG"})
    void theCoefficientsAreThoseOfTheTransformOfJpeg(InputTransform input) {
        float[] images = images();
        float[] seen = seen(input, images);
        int columns = WIDTH / 8;
        int squares = HEIGHT / 8 * columns;
        for (int channel : new int[] {0, 1, 7, 8, 9, 63, 64, 100, 128, 191}) {
            for (int image = 0; image < 2; image++) {
                for (int square = 0; square < squares; square++) {
                    double f = textbook(input, images, image, square / columns, square % columns, channel);
                    double expected = Math.log1p(f * f / 4) / 2 - 0.5;
                    assertThat((double) seen[(image * 192 + channel) * squares + square])
                            .as("channel %d of square %d", channel, square)
                            .isCloseTo(expected, within(2e-4));
                }
            }
        }
    }

    private static double textbook(InputTransform input, float[] images, int image, int row, int column, int channel) {
        int colour = channel / 64;
        int v = channel % 64 / 8;
        int u = channel % 8;
        double sum = 0;
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
                double sample = colour == 0 || input == InputTransform.DCT
                        ? colour(images, image, 8 * row + y, 8 * column + x, colour) - (colour == 0 ? 127.5 : 0)
                        : subsampled(images, image, 16 * (row / 2) + 2 * y, 16 * (column / 2) + 2 * x, colour);
                sum += sample * Math.cos((2 * x + 1) * u * Math.PI / 16) * Math.cos((2 * y + 1) * v * Math.PI / 16);
            }
        }
        return sum / 4 * (u == 0 ? Math.sqrt(0.5) : 1) * (v == 0 ? Math.sqrt(0.5) : 1);
    }

    private static double subsampled(float[] images, int image, int y, int x, int colour) {
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            sum += colour(images, image, y + i / 2, x + i % 2, colour);
        }
        return sum / 4;
    }

    private static double colour(float[] images, int image, int y, int x, int colour) {
        double[] rgb = new double[3];
        for (int c = 0; c < 3; c++) {
            rgb[c] = 255 * images[(image * 3 + c) * HEIGHT * WIDTH + y * WIDTH + x];
        }
        double luma = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
        return switch (colour) {
            case 0 -> luma;
            case 1 -> (rgb[2] - luma) / 1.772;
            default -> (rgb[0] - luma) / 1.402;
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = InputTransform.class,
            names = {"DCT", "JPEG"})
    void theGradientIsThatOfFiniteDifferences(InputTransform input) {
        float[] images = images();
        float[] gradient = gradient(input, images);
        for (int pixel : new int[] {0, 77, 500, 1500, 2303}) {
            float[] moved = images.clone();
            moved[pixel] += 1e-3f;
            double up = sum(seen(input, moved));
            moved[pixel] -= 2e-3f;
            assertThat((double) gradient[pixel])
                    .as("pixel %d", pixel)
                    .isCloseTo((up - sum(seen(input, moved))) / 2e-3, within(0.02 * Math.abs(gradient[pixel]) + 0.1));
        }
    }

    /** Where nearly all coefficients are zero, and a logarithm of their size would have none. */
    @ParameterizedTest
    @EnumSource(
            value = InputTransform.class,
            names = {"DCT", "JPEG"})
    void aFlatImageHasAGradient(InputTransform input) {
        float[] grey = new float[2 * 3 * HEIGHT * WIDTH];
        Arrays.fill(grey, 0.25f);
        float[] gradient = gradient(input, grey);
        for (float value : gradient) {
            assertThat(value).isFinite();
        }
        assertThat(gradient[0]).as("of its brightness").isNotZero();
    }

    private static float[] gradient(InputTransform input, float... images) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray leaf = tensor(manager, images);
            leaf.setRequiresGradient(true);
            return Gradients.record(recording -> {
                recording.backward(input.apply(leaf).sum());
                return leaf.getGradient().toFloatArray();
            });
        }
    }

    private static double sum(float... values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(
            value = InputTransform.class,
            names = {"DCT", "JPEG"})
    void aClassifierOfFrequenciesTellsTexturesApart(InputTransform input, @TempDir Path folder) throws IOException {
        for (int k = 0; k < 2; k++) {
            Path of = Files.createDirectories(folder.resolve("images/" + k));
            for (int i = 0; i < 24; i++) {
                PngWriter.write(of.resolve(i + ".png"), texture(k, 100L * k + i), Map.of());
            }
        }
        new ClassifierTraining(config(16, null, input, 12), Tiny.context(folder))
                .run(folder, (stage, done, total, detail) -> {});
        assertThat(ClassifierFolder.read(folder).backbone()).isEqualTo(new Backbone.Residual(8, List.of(1), input));
        try (LikelihoodReward reward =
                new LikelihoodReward(new LikelihoodReward.Config(".", false), Tiny.context(folder))) {
            for (int k = 0; k < 2; k++) {
                Score score = reward.score(List.of(texture(k, 7777)), List.of(ClassifierTrainingTest.asking(k)))
                        .get(0);
                assertThat(score.value()).as("class %d", k).isGreaterThan(Math.log(0.5));
            }
        }
    }

    /** Images that are made when they are asked for. */
    private record Made(IntFunction<RgbImage> image) implements ClassifierInput {
        @Override
        public Backbone backbone() {
            throw new UnsupportedOperationException();
        }

        @Override
        public NDArray of(NDManager scope, int... rows) {
            return ImageTensors.toTensor(
                    scope, Arrays.stream(rows).mapToObj(image).toList());
        }

        @Override
        public void finish(Map<String, NDArray> weights) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void channelsHaveMeanZeroAndDeviationOneOverTheTrainingImages() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray seen = standardised(manager, new Made(row -> texture(row % 2, row)), 100); // two batches
            NDArray channels = seen.transpose(1, 0, 2, 3).reshape(192, -1);
            float[] means = channels.mean(new int[] {1}).toFloatArray();
            float[] squares = channels.mul(channels).mean(new int[] {1}).toFloatArray();
            for (int channel = 0; channel < 192; channel++) {
                assertThat(means[channel]).as("mean of channel %d", channel).isCloseTo(0, within(1e-4f));
                assertThat(squares[channel])
                        .as("variance of channel %d", channel)
                        .isCloseTo(1, within(1e-3f));
            }
        }
    }

    @Test
    void aChannelThatDoesNotChangeStaysNearZero() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray seen = standardised(manager, new Made(row -> new RgbImage(16, 16, new byte[3 * 16 * 16])), 3);
            assertThat(seen.abs().max().getFloat()).isLessThan(1e-3f);
        }
    }

    private static NDArray standardised(NDManager manager, ClassifierInput inputs, int count) {
        int[] rows = IntStream.range(0, count).toArray();
        ParameterStore network = new ParameterStore("classifier");
        Standardised standardised = new Standardised(network.root().at("input"), 192);
        NetworkWeights.initialise(network, manager, new RandomStreams(1));
        assertThat(network.trainable()).isEmpty();
        standardised.measure(InputTransform.JPEG::apply, inputs, manager, rows);
        return Gradients.off(() -> standardised.apply(InputTransform.JPEG.apply(inputs.of(manager, rows))));
    }

    /** Grey with noise of 10 or 90 levels. */
    private static RgbImage texture(int klass, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int bound = klass == 0 ? 10 : 90;
        byte[] rgb = new byte[3 * 16 * 16];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (128 + random.nextInt(-bound, bound));
        }
        return new RgbImage(16, 16, rgb);
    }

    /** The weights have the same shapes. */
    @Test
    void stridesChangeWhatIsSeen() {
        assertThat(logits(List.of(1, 2))).isNotEqualTo(logits(List.of(2, 2)));
        assertThat(logits(List.of(1, 2))).isEqualTo(logits(List.of(1, 2)));
    }

    private static float[] logits(List<Integer> strides) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            ParameterStore weights = new ParameterStore("classifier");
            ClassifierNetwork network = new Backbone.Residual(8, strides, InputTransform.PIXELS)
                    .declare(weights, List.of(new Control("shade", 3)));
            NetworkWeights.initialise(weights, manager, new RandomStreams(1));
            return Gradients.off(
                    () -> network.logits(tensor(manager, images())).get("shade").toFloatArray());
        }
    }

    @Test
    void aManifestThatDoesNotSayItMeansThePublishedNetwork(@TempDir Path folder) throws IOException {
        assertThat(read(folder, "\"channels\": 8").backbone())
                .isEqualTo(new Backbone.Residual(8, List.of(1, 2, 2), InputTransform.PIXELS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"channels\": 8, \"input\": \"sound\" | expected \"pixels\", \"dct\" or \"jpeg\"",
                "\"channels\": 8, \"input\": \"dct\" | multiples of 8, not 16 x 12",
                "\"channels\": 8, \"input\": \"jpeg\" | multiples of 16, not 16 x 12",
                "\"channels\": 8, \"strides\": [] | strides must be a list of 1 to 6",
                "\"channels\": 8, \"strides\": [3] | strides",
                "\"channels\": 8, \"strides\": [1, 1, 1, 1, 1, 1, 1] | strides must be a list of 1 to 6",
                "\"channels\": 12 | multiple of 8, at most 512, not 12",
                "\"channels\": 512, \"strides\": [2, 2, 2, 2] | too many for 4 blocks",
            })
    void aManifestOfAnImpossibleNetworkIsRefused(String network, String message, @TempDir Path folder) {
        assertThatThrownBy(() -> read(folder, network))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("classifier.json")
                .hasMessageContaining(message);
    }

    private static ClassifierFolder read(Path folder, String network) throws IOException {
        Files.writeString(folder.resolve("classifier.json"), """
                {"format": "imagerl-classifier-1", "controls": [{"name": "shade", "classes": 3, "temperature": 1.0}],
                 "width": 16, "height": 12, %s}
                """.formatted(network));
        return ClassifierFolder.read(folder);
    }

    @Test
    void whatCannotBeSeenIsNoConfiguration() {
        assertThatThrownBy(() -> config(12, null, InputTransform.JPEG, 1))
                .hasMessageContaining("12 x 12")
                .hasMessageContaining("multiples of 16");
        assertThatThrownBy(() -> config(16, List.of(1, 3), InputTransform.PIXELS, 1))
                .hasMessageContaining("each 1 or 2");
        assertThatThrownBy(() -> config(16, List.of(), InputTransform.PIXELS, 1))
                .hasMessageContaining("1 to 6");
    }

    private static ClassifierConfig config(
            int size, @Nullable List<Integer> strides, InputTransform input, int epochs) {
        LabelledImages.Source source =
                new LabelledImages.Source("images", List.of(new Labels.Folders("shade")), 1, size, size);
        return new ClassifierConfig(source, 1, 8, strides, input, null, 0.25, epochs, epochs, 16, 1e-2, 0);
    }
}
