package org.imagerl.rewards.model;

import java.util.List;
import java.util.Locale;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.Port;

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
    Port value(OnnxSession session, ImageInput image, Reduction reduction) {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.name();
        List<Port> ports = session.outputs();
        if (name == null && ports.size() != 1) {
            throw resolution.failure(
                    "the model has " + (ports.isEmpty() ? "no outputs" : "several outputs: " + Port.list(ports))
                            + "; say in reward.yaml which one is the score: output.name");
        }
        Port port = port(session, name == null ? ports.get(0).name() : name);
        if (countsImages(port, image)) {
            checkCount(port, port.shape().subList(1, port.shape().size()), reduction);
        } else if (!port.shape().isEmpty()) {
            checkCount(port, port.shape(), reduction);
        }
        return port;
    }

    private static void checkCount(Port port, List<Long> own, Reduction reduction) {
        double count = own.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
        if (own.stream().allMatch(length -> length >= 0)) {
            reduction.check(port.name(), (int) Math.min(Integer.MAX_VALUE, count));
        }
    }

    /** Whether the first dimension of an output counts the images of a run, as far as the model says it. */
    static boolean countsImages(Port port, ImageInput image) {
        int fixed = image.fixedBatch();
        return !port.shape().isEmpty()
                && image.port().shape().size() != 3
                && (port.length(0) < 0 || port.length(0) == fixed);
    }

    /**
     * How many images a run may be of, so that their values can be told apart.
     *
     * @return that of the model's input if it is fixed; 1 if the output does not count images; else -1
     */
    int batch(Port port, ImageInput image) {
        int fixed = image.fixedBatch();
        boolean unsaid = port.shape().isEmpty(); // one number, or of a shape that the model does not say
        if (fixed > 1 && !unsaid && !countsImages(port, image)) {
            throw resolution.failure(
                    "input " + image.port() + " takes " + fixed + " images, but the first dimension of output " + port
                            + " does not count them, so that their scores cannot be told apart; export the model for 1"
                            + " image");
        }
        return fixed > 0 ? fixed : countsImages(port, image) ? -1 : 1;
    }

    /** Whether a model has an output. */
    static boolean has(OnnxSession session, String output) {
        return session.outputs().stream().anyMatch(port -> port.name().equals(output));
    }

    /** A name that is an output of the model, and one that can be read. */
    String named(OnnxSession session, String name) {
        return port(session, name).name();
    }

    private Port port(OnnxSession session, String name) {
        Port port = session.outputs().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> resolution.failure("the model has no output " + Port.shown(name) + "; it has "
                        + Port.list(session.outputs()) + "; say what is read: "
                        + resolution.place().output()));
        if (!port.element().isRead()) {
            throw resolution.failure("output " + port
                    + " is no tensor of numbers, and nothing else is read; export the model with"
                    + " numbers, or name another output: " + resolution.place().output());
        }
        double bytes = 4 * port.leastElements();
        if (bytes == 0 || bytes > MAX_BYTES) {
            throw resolution.failure("output " + port
                    + (bytes == 0
                            ? " has no values"
                            : String.format(Locale.ROOT, " has %.0f MB of values, too many", bytes / 1e6))
                    + "; name another: " + resolution.place().output());
        }
        return port;
    }
}
