package org.imagerl.rewards.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.rewards.model.OnnxConfig.Kind;
import org.imagerl.rewards.model.OnnxConfig.Select;
import org.imagerl.rewards.model.TextInput.Role;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** Which kind of scorer a model is, by what the configuration says, else by its inputs and outputs. */
final class ScorerChoice {
    private static final String LOGITS = "logits_per_image";

    private final Resolution resolution;
    private final ModelInputs inputs;
    private final ModelOutputs outputs;

    ScorerChoice(Resolution resolution) {
        this.resolution = resolution;
        this.inputs = new ModelInputs(resolution);
        this.outputs = new ModelOutputs(resolution);
    }

    /** The scorer of the models of the folder. */
    Scorer scorer(ModelFiles models) {
        Path model = models.model();
        if (model != null) {
            return single(resolution.open("model", model), models);
        }
        Path vision = models.vision();
        Path text = models.text();
        if (vision == null || text == null) {
            throw resolution.failure("has only one of two towers (text_model.onnx, vision_model.onnx) and no"
                    + " model.onnx; put both there, or name one file in "
                    + resolution.place().model());
        }
        return towers(resolution.open("image tower", vision), resolution.open("text tower", text));
    }

    private Scorer single(OnnxSession session, ModelFiles models) {
        Map<Role, TensorSpec> roles = inputs.roles(List.of(session)).get(0);
        Kind kind = kind(roles, session);
        ImageInput image = inputs.image(roles, session);
        return switch (kind) {
            case IMAGE_TEXT_SIMILARITY -> joint(session, image, inputs.text(roles, session));
            case IMAGE_TEXT_SCALAR -> pair(session, image, inputs.text(roles, session));
            case IMAGE_SCALAR -> alone(session, image, models.head());
        };
    }

    private Kind kind(Map<Role, TensorSpec> roles, OnnxSession session) {
        Kind given = resolution.config().kind();
        boolean text = roles.containsKey(Role.IDS);
        boolean towers = ModelOutputs.has(session, LOGITS)
                || (ModelOutputs.has(session, ModelOutputs.IMAGE_EMBEDS)
                        && ModelOutputs.has(session, ModelOutputs.TEXT_EMBEDS));
        Kind found = !text ? Kind.IMAGE_SCALAR : towers ? Kind.IMAGE_TEXT_SIMILARITY : Kind.IMAGE_TEXT_SCALAR;
        Kind kind = given == null ? found : given;
        resolution.facts().put("kind", word(kind) + (given == null ? " (by the inputs and outputs)" : ""));
        return kind;
    }

    private Scorer joint(OnnxSession session, ImageInput image, TextInput text) {
        OnnxConfig.Output output = resolution.config().output();
        String name = output == null ? null : output.name();
        Select given = output == null ? null : output.select();
        Select select = given == null ? (name == null ? Select.COSINE : Select.LOGIT) : given;
        Reduction reduction = Reduction.of(output);
        if (select == Select.LOGIT) {
            String logits = outputs.named(session, name == null ? LOGITS : name);
            resolution
                    .facts()
                    .put(
                            "output",
                            TensorSpec.shown(logits) + ", of each image with its own prompt, " + reduction.describe());
            return new JointScorer(session, image, text, logits, "", "", reduction);
        }
        String images = outputs.named(session, outputs.imageEmbeds());
        String texts = outputs.named(session, outputs.textEmbeds());
        resolution.facts().put("output", "cosine of " + TensorSpec.shown(images) + " and " + TensorSpec.shown(texts));
        return new JointScorer(session, image, text, "", images, texts, reduction);
    }

    private Scorer towers(OnnxSession vision, OnnxSession language) {
        List<Map<Role, TensorSpec>> roles = inputs.roles(List.of(vision, language));
        OnnxConfig.Output output = resolution.config().output();
        if (output != null && output.select() == Select.LOGIT) {
            throw resolution.failure("two towers have no logits: their temperature is not in the files; give it"
                    + " by --reward '{type: onnx, folder: " + resolution.folder()
                    + ", output: {select: cosine}, formula: {scale: 3.846}}' (PickScore: 100 / 26), or export both"
                    + " towers as one model.onnx");
        }
        resolution.facts().put("kind", word(Kind.IMAGE_TEXT_SIMILARITY) + " (two towers)");
        ImageInput image = inputs.image(roles.get(0), vision);
        TextInput text = inputs.text(roles.get(1), language);
        String images = outputs.named(vision, outputs.imageEmbeds());
        String texts = outputs.named(language, outputs.textEmbeds());
        resolution.facts().put("output", "cosine of " + TensorSpec.shown(images) + " and " + TensorSpec.shown(texts));
        return new TowerScorer(vision, image, images, language, text, texts);
    }

    private Scorer pair(OnnxSession session, ImageInput image, TextInput text) {
        Reduction reduction = Reduction.of(resolution.config().output());
        TensorSpec tensor = outputs.value(session, image, reduction);
        int batch = outputs.batch(tensor, image);
        resolution.facts().put("output", tensor.shown() + ", " + reduction.describe());
        return new PairScorer(session, image, text, tensor.name(), reduction, batch);
    }

    private Scorer alone(OnnxSession session, ImageInput image, @Nullable Path headFile) {
        Reduction reduction = Reduction.of(resolution.config().output());
        if (headFile == null) {
            TensorSpec tensor = outputs.value(session, image, reduction);
            int batch = outputs.batch(tensor, image);
            resolution.facts().put("output", tensor.shown() + ", " + reduction.describe());
            return new ImageScorer(session, image, tensor.name(), ImageScorer.Head.NONE, reduction, batch);
        }
        OnnxConfig.Output output = resolution.config().output();
        String named = output == null ? null : output.name();
        String embedding = outputs.named(session, named == null ? outputs.imageEmbeds() : named);
        resolution
                .facts()
                .put(
                        "output",
                        TensorSpec.shown(embedding) + ", divided by its length, through "
                                + Quote.plain(headFile.getFileName().toString()) + ", " + reduction.describe());
        return new ImageScorer(session, image, embedding, head(headFile), reduction, image.fixedBatch());
    }

    private ImageScorer.Head head(Path file) {
        if (file.toString().endsWith(".json")) {
            return LinearHead.read(file);
        }
        OnnxSession session = resolution.open("head", file);
        requireHead(file, session);
        return embedding -> {
            float[] unit = Embeddings.unit(embedding);
            return session.run(new Tensor(unit, new long[] {1, unit.length})).values();
        };
    }

    private void requireHead(Path file, OnnxSession session) {
        boolean fits = session.inputs().size() == 1
                && session.inputs().get(0).element().isFloat()
                && !session.outputs().isEmpty()
                && session.outputs().get(0).element().isRead();
        if (!fits) {
            throw resolution.failure(
                    Quote.of(file.getFileName().toString()) + " is no head: it must take one tensor of floats, the"
                            + " embedding [1, values], and give numbers; it takes " + TensorSpec.list(session.inputs())
                            + " and gives "
                            + TensorSpec.list(session.outputs()));
        }
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
