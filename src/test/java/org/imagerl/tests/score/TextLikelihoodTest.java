package org.imagerl.tests.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.imagerl.images.text.TargetText;
import org.imagerl.latent.reader.TextLikelihoodReward;
import org.imagerl.rewards.ocr.Resources;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.testkit.TestImages;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The likelihood of a text by our tensors is that which follows from what ONNX Runtime makes of the same network. */
class TextLikelihoodTest {
    private static final int HEIGHT = 48;
    private static final Prompt PROMPT = Prompt.of("p", "a sign that says \"477\"");

    @ParameterizedTest
    @EnumSource(TextLikelihoodReward.Models.class)
    void isThatOfOnnxRuntimesProbabilities(TextLikelihoodReward.Models models) throws OrtException {
        Context context = new Context(Path.of(""), "cpu", 1, warning -> {});
        String generation = models.name().toLowerCase(Locale.ROOT).replace("pp_ocr_", "PP-OCR");
        String file = "ch_" + generation + "_rec_infer.onnx";
        var image = TestImages.text(96, HEIGHT, "417"); // of the height of the network, so that nothing is resized
        Tensor probabilities;
        try (OnnxSession session = OnnxSession.load(file, Resources.read(file), OnnxDevice.choose("cpu", context), 1);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray blueFirst = ImageTensors.toTensor(manager, List.of(image)).flip(1);
            float[] values = blueFirst.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] = 2 * values[i] - 1;
            }
            probabilities = session.run(new Tensor(values, blueFirst.getShape().getShape()));
        }
        try (TextLikelihoodReward reward =
                new TextLikelihoodReward(new TextLikelihoodReward.Config(models, TargetText.Quotes.AUTO), context)) {
            double expected = Math.log(likelihood(probabilities, digits(4, 7, 7))) / 3;
            double score = reward.score(List.of(image), List.of(PROMPT)).get(0).value();
            assertThat(score).isCloseTo(expected, within(1e-3 * Math.abs(expected)));
        }
    }

    /** Their classes: those of the alphabet's lines, after the blank. */
    private static int[] digits(int... digits) {
        List<String> alphabet = new String(Resources.read("ppocr_keys_v1.txt"), java.nio.charset.StandardCharsets.UTF_8)
                .lines()
                .toList();
        int[] classes = new int[digits.length];
        for (int i = 0; i < digits.length; i++) {
            classes[i] = 1 + alphabet.indexOf(Integer.toString(digits[i]));
        }
        return classes;
    }

    /** The sum over all ways to write a text, by the forward recursion of Graves et al., 2006, section 4.1, in float64. */
    private static double likelihood(Tensor probabilities, int... text) {
        int steps = (int) probabilities.shape()[1];
        int classes = (int) probabilities.shape()[2];
        int[] states = new int[2 * text.length + 1]; // blanks between and around
        for (int i = 0; i < text.length; i++) {
            states[2 * i + 1] = text[i];
        }
        double[] forward = new double[states.length];
        for (int t = 0; t < steps; t++) {
            double[] next = new double[states.length];
            for (int s = 0; s < states.length; s++) {
                double from = t == 0 ? (s < 2 ? 1 : 0) : forward[s] + (s > 0 ? forward[s - 1] : 0);
                boolean skips = t > 0 && s > 1 && states[s] != 0 && states[s] != states[s - 2];
                next[s] = (from + (skips ? forward[s - 2] : 0)) * probabilities.values()[t * classes + states[s]];
            }
            forward = next;
        }
        return forward[states.length - 1] + forward[states.length - 2];
    }
}
