package org.imagerl.latent.reward;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.hub.preprocess.PreprocessorFile;
import org.imagerl.latent.clip.SimilarityConfig;
import org.imagerl.latent.clip.SimilarityModel;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.DifferentiableReward;
import org.imagerl.spi.reward.Rewards;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;

/**
 * {@code differentiable}: a CLIP or a SigLIP in transformers' layout ({@code config.json}, {@code model.safetensors}, {@code preprocessor_config.json}, a
 * tokenizer) as a reward with a gradient. As a plain reward it preprocesses bytes as Pillow does, and gives what an ONNX export of the folder gives. All is
 * computed in float32.
 */
final class SimilarityReward implements DifferentiableReward {

    /**
     * The settings.
     *
     * @param folder with the model, relative to the configuration
     * @param formula what is made of the embeddings
     * @param rounded whether tensors are rounded to bytes where a plain reward is, so that both have the same scores; the gradient passes by
     */
    @Source("folder")
    public record Config(String folder, Formula formula, boolean rounded) {
        /** The cosine; the folder has no default and is required. */
        @SuppressWarnings("NullAway") // what has no default
        public static Config defaults() {
            return new Config(null, Formula.CLIP, true);
        }
    }

    private final Path folder;
    private final Formula formula;
    private final Preprocess preprocess;
    private final TensorPreprocess ofTensors;
    private final SimilarityConfig network;
    private final ImageScorer scorer;
    private final NDManager manager;
    private final List<Path> files = new ArrayList<>();

    /** Loads the model. */
    public SimilarityReward(Config config, Context context) {
        folder = context.folder().resolve(config.folder());
        formula = config.formula();
        if (!Files.isDirectory(folder)) {
            throw UserException.input(folder + ": there is no such folder");
        }
        network = SimilarityConfig.read(folder.resolve("config.json"));
        preprocess = formula.preprocess(PreprocessorFile.read(folder.resolve("preprocessor_config.json")));
        requireSize();
        ofTensors = new TensorPreprocess(preprocess, config.rounded());
        AestheticHead head = formula == Formula.AESTHETIC ? AestheticHead.read(folder, network.width()) : null;
        ParameterStore store = new ParameterStore("reward");
        SimilarityModel model = new SimilarityModel(store, network);
        Device device = Devices.choose(context.device(), context.warnings());
        manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            load(store);
            PromptEmbeddings prompts =
                    head == null ? new PromptEmbeddings(folder, model, network, formula.prefix()) : null;
            scorer = new ImageScorer(model, formula, prompts, head);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
        files.add(folder.resolve("config.json"));
        files.add(folder.resolve("preprocessor_config.json"));
        files.add(scorer.file());
    }

    private void requireSize() {
        int side = network.imageSize();
        if (preprocess.outputWidth() != side || preprocess.outputHeight() != side) {
            throw UserException.input(folder.resolve("preprocessor_config.json") + ": makes images of "
                    + preprocess.outputWidth() + " x " + preprocess.outputHeight() + ", but the model takes " + side
                    + " x " + side + "; take both files from the same model");
        }
    }

    private void load(ParameterStore store) {
        try (WeightFiles weights = WeightFiles.open(folder, "model", WeightVariant.only(folder, "model"))) {
            Gradients.off(() -> {
                NetworkWeights.load(store, weights, manager, DataType.FLOAT32, SimilarityModel::currentKey);
                return store;
            });
            weights.files().forEach(file -> files.add(file.path()));
        }
    }

    @Override
    public Spec spec() {
        return formula.spec();
    }

    @Override
    public List<Path> files() {
        return List.copyOf(files);
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("model", folder + ", " + network.kind().name().toLowerCase(Locale.ROOT) + ", float32");
        facts.put("formula", formula.name().toLowerCase(Locale.ROOT));
        facts.put("preprocess", preprocess.describe());
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        if (scorer.prompts() != null && prompt.text().isBlank()) {
            throw UserException.input("the reward compares images with their prompts, and this one has none; give one"
                    + " with --prompt or --prompts, or beside the image in NAME.txt");
        }
    }

    @Override
    public NDArray scores(NDArray images, List<Prompt> asked) {
        try (NDArray pixels = ofTensors.apply(images)) {
            return scorer.of(pixels, asked);
        }
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> asked) {
        return Rewards.oneByOne(images, asked, this::score);
    }

    private Score score(RgbImage image, Prompt prompt) {
        try (NDManager scratch = manager.newSubManager()) {
            Preprocess.Input input = preprocess.apply(image);
            NDArray pixels = scratch.create(input.values(), new Shape(1, 3, input.height(), input.width()));
            return Score.of(
                    Gradients.off(() -> scorer.of(pixels, List.of(prompt))).getFloat());
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        scorer.close();
        manager.close();
    }
}
