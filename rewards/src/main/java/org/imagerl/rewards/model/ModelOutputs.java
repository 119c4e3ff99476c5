package org.imagerl.rewards.model;

import java.util.List;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.Port;

/** Which outputs of a model are read: those that the manifest names, or the usual ones. */
record ModelOutputs(Resolution resolution) {
    /** As Optimum names the embeddings of pictures. */
    static final String IMAGE_EMBEDS = "image_embeds";
    /** As Optimum names the embeddings of texts. */
    static final String TEXT_EMBEDS = "text_embeds";

    /** The output with embeddings of pictures. */
    String imageEmbeds() {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.imageEmbeds();
        return name == null ? IMAGE_EMBEDS : name;
    }

    /** The output with the vector of a picture: the one that is named, {@code image_embeds}, or of features the only one. */
    String vector(OnnxSession session) {
        OnnxConfig.Output output = resolution.config().output();
        boolean named = output != null && output.imageEmbeds() != null;
        // Not of a reward: what is no embedding, logits say, has no cosine that means anything.
        boolean orOnly = resolution.place() == SettingsPlace.FEATURES
                && session.outputs().size() == 1;
        return orOnly && !named ? session.outputs().get(0).name() : named(session, imageEmbeds());
    }

    /** The output with embeddings of texts. */
    String textEmbeds() {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.textEmbeds();
        return name == null ? TEXT_EMBEDS : name;
    }

    /** The output that becomes one value per picture: the one that is named, or the only one. */
    Port value(OnnxSession session, Reduction reduction) {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.name();
        if (name != null) {
            String found = named(session, name);
            return checked(
                    session.outputs().stream()
                            .filter(port -> port.name().equals(found))
                            .findFirst()
                            .orElseThrow(),
                    reduction);
        }
        if (session.outputs().size() != 1) {
            throw resolution.failure("the model has several outputs, " + session.outputs()
                    + "; say in reward.yaml which one is the score: output.name");
        }
        return checked(session.outputs().get(0), reduction);
    }

    private static Port checked(Port port, Reduction reduction) {
        List<Long> own = port.shape().isEmpty()
                ? port.shape()
                : port.shape().subList(1, port.shape().size());
        if (own.stream().allMatch(length -> length > 0)) {
            reduction.check(
                    port.name(), (int) own.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b));
        }
        return port;
    }

    /** Whether a model has an output. */
    static boolean has(OnnxSession session, String output) {
        return session.outputs().stream().anyMatch(port -> port.name().equals(output));
    }

    /** A name that is an output of the model. */
    String named(OnnxSession session, String name) {
        if (!has(session, name)) {
            throw resolution.failure("the model has no output " + name + "; it has " + session.outputs()
                    + "; say what is read: " + resolution.place().output());
        }
        return name;
    }
}
