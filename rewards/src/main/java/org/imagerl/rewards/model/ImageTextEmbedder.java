package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.rewards.model.TextInput.Role;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.RgbImage;

/** A CLIP that gives vectors of images and of texts, from one model or two towers. Thread-safe. */
public final class ImageTextEmbedder implements AutoCloseable {
    private final Embedder images;
    private final OnnxSession language;
    private final TextInput text;
    private final String output;
    private final List<Path> files;
    /** What else the model of the texts must be given: a black image, if it has both towers. */
    private final Map<String, ModelInput> others;

    private ImageTextEmbedder(Resolution resolution) {
        images = ModelLoader.embedder(resolution);
        ModelFiles models = ModelFiles.find(resolution);
        Path file = models.model() == null ? models.text() : models.model();
        if (file == null) {
            throw resolution.failure("has no model that embeds texts: no text_model.onnx, no model.onnx");
        }
        language = resolution.open("text model", file);
        ModelInputs inputs = new ModelInputs(resolution);
        Map<Role, TensorSpec> roles = inputs.roles(List.of(language)).get(0);
        text = inputs.text(roles, language);
        ModelOutputs outputs = new ModelOutputs(resolution);
        output = outputs.named(language, outputs.textEmbeds());
        TensorSpec image = roles.get(Role.IMAGE);
        others = image == null
                ? Map.of()
                : Map.of(
                        image.name(),
                        inputs.image(roles, language).input(List.of(new RgbImage(8, 8, new byte[8 * 8 * 3]))));
        files = List.copyOf(resolution.files());
    }

    /**
     * Loads it.
     *
     * @throws org.imagerl.spi.UserException naming the folder, if it has not both towers with their embeddings
     */
    public static ImageTextEmbedder load(Path folder, OnnxConfig config, OnnxDevice device) {
        return ModelLoader.resolve(
                new Resolution(folder, config, device, SettingsPlace.REWARD), ImageTextEmbedder::new);
    }

    /** The files that were read. */
    public List<Path> files() {
        return files;
    }

    /** The vector of an image, of any length. */
    public float[] image(RgbImage image) throws OrtException {
        return images.embed(image);
    }

    /** The vector of a text, of any length. */
    public float[] text(String words) throws OrtException {
        int copies = Math.max(1, text.fixedBatch());
        Map<String, ModelInput> feeds = new HashMap<>(others);
        feeds.putAll(text.feeds(words, copies));
        return Embeddings.row(
                output, language.run(feeds, Set.of(output)).values().iterator().next(), 0, copies);
    }

    @Override
    public void close() {
        images.close();
    }
}
