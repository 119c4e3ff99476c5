package org.imagerl.rewards.model;

import java.util.List;
import java.util.Locale;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;

/** Which outputs of a model are read: those that the manifest names, or the usual ones. */
record ModelOutputs(Resolution resolution) {
    private static final double MAX_BYTES = 1 << 30;

    /** As Optimum names the embeddings of images. */
    static final String IMAGE_EMBEDS = "image_embeds";
    /** As Optimum names the embeddings of texts. */
    static final String TEXT_EMBEDS = "text_embeds";

    /** The output with embeddings of images. */
    String imageEmbeds() {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.imageEmbeds();
        return name == null ? IMAGE_EMBEDS : name;
    }

    /** The output with the vector of an image: the one that is named, {@code image_embeds}, or of features the only one. */
    String vector(OnnxSession session) {
        OnnxConfig.Output output = resolution.config().output();
        boolean named = output != null && output.imageEmbeds() != null;
        // Not of a reward: what is no embedding, logits say, has no cosine that means anything.
        boolean orOnly = resolution.place() == SettingsPlace.FEATURES
                && session.outputs().size() == 1;
        return named(session, orOnly && !named ? session.outputs().get(0).name() : imageEmbeds());
    }

    /** The output with embeddings of texts. */
    String textEmbeds() {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.textEmbeds();
        return name == null ? TEXT_EMBEDS : name;
    }

    /**
     * The output that becomes one value per image: the one that is named, or the only one.
     *
     * @param image whose values they are
     */
    TensorSpec value(OnnxSession session, ImageInput image, Reduction reduction) {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.name();
        List<TensorSpec> tensors = session.outputs();
        if (name == null && tensors.size() != 1) {
            throw resolution.failure("the model has "
                    + (tensors.isEmpty() ? "no outputs" : "several outputs: " + TensorSpec.list(tensors))
                    + "; say in reward.yaml which one is the score: output.name");
        }
        TensorSpec tensor = tensor(session, name == null ? tensors.get(0).name() : name);
        if (countsImages(tensor, image)) {
            checkCount(tensor, tensor.shape().subList(1, tensor.shape().size()), reduction);
        } else if (!tensor.shape().isEmpty()) {
            checkCount(tensor, tensor.shape(), reduction);
        }
        return tensor;
    }

    private static void checkCount(TensorSpec tensor, List<Long> own, Reduction reduction) {
        double count = own.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
        if (own.stream().allMatch(length -> length >= 0)) {
            reduction.check(tensor.name(), (int) Math.min(Integer.MAX_VALUE, count));
        }
    }

    /** Whether the first dimension of an output counts the images of a run, as far as the model says it. */
    static boolean countsImages(TensorSpec tensor, ImageInput image) {
        int fixed = image.fixedBatch();
        return !tensor.shape().isEmpty()
                && image.tensor().shape().size() != 3
                && (tensor.length(0) < 0 || tensor.length(0) == fixed);
    }

    /**
     * How many images a run may be of, so that their values can be distinguished.
     *
     * @return that of the model's input if it is fixed; 1 if the output does not count images; else -1
     */
    int batch(TensorSpec tensor, ImageInput image) {
        int fixed = image.fixedBatch();
        boolean unsaid = tensor.shape().isEmpty(); // one number, or of a shape that the model does not say
        if (fixed > 1 && !unsaid && !countsImages(tensor, image)) {
            throw resolution.failure("input " + image.tensor() + " takes " + fixed
                    + " images, but the first dimension of output " + tensor
                    + " does not count them, so that their scores cannot be distinguished; export the model for 1"
                    + " image");
        }
        return fixed > 0 ? fixed : countsImages(tensor, image) ? -1 : 1;
    }

    /** Whether a model has an output. */
    static boolean has(OnnxSession session, String output) {
        return session.outputs().stream().anyMatch(tensor -> tensor.name().equals(output));
    }

    /** A name that is an output of the model, and one that can be read. */
    String named(OnnxSession session, String name) {
        return tensor(session, name).name();
    }

    private TensorSpec tensor(OnnxSession session, String name) {
        TensorSpec tensor = session.outputs().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> resolution.failure("the model has no output " + TensorSpec.shown(name) + "; it has "
                        + TensorSpec.list(session.outputs()) + "; say what is read: "
                        + resolution.place().output()));
        if (!tensor.element().isRead()) {
            throw resolution.failure("output " + tensor
                    + " is no tensor of numbers, and nothing else is read; export the model with"
                    + " numbers, or name another output: " + resolution.place().output());
        }
        double bytes = 4 * tensor.leastElements();
        if (bytes == 0 || bytes > MAX_BYTES) {
            throw resolution.failure("output " + tensor
                    + (bytes == 0
                            ? " has no values"
                            : String.format(Locale.ROOT, " has %.0f MB of values, too many", bytes / 1e6))
                    + "; name another: " + resolution.place().output());
        }
        return tensor;
    }
}
