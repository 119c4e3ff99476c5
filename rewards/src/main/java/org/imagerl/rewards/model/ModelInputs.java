package org.imagerl.rewards.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.hub.ConfigFile;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.hub.preprocess.PreprocessorFile;
import org.imagerl.hub.tokenizer.FolderTokenizer;
import org.imagerl.rewards.model.OnnxConfig.Padding;
import org.imagerl.rewards.model.TextInput.Role;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** What each input of a model takes, and how images and prompts are made ready for it. */
record ModelInputs(Resolution resolution) {
    private static final int SIGLIP_LENGTH = 64;

    /** What the inputs of each model take. */
    List<Map<Role, TensorSpec>> roles(List<OnnxSession> sessions) {
        Map<String, String> given = resolution.config().inputs() == null
                ? Map.of()
                : resolution.config().inputs();
        List<TensorSpec> all =
                sessions.stream().flatMap(session -> session.inputs().stream()).toList();
        for (String name : given.keySet()) {
            if (all.stream().noneMatch(tensor -> tensor.name().equals(name))) {
                throw resolution.failure("the settings give an input " + TensorSpec.shown(name)
                        + ", which the model has not; it has " + TensorSpec.list(all) + "; correct "
                        + resolution.place().key("inputs"));
            }
        }
        List<Map<Role, TensorSpec>> roles = new ArrayList<>();
        for (OnnxSession session : sessions) {
            Map<Role, TensorSpec> own = new LinkedHashMap<>();
            for (TensorSpec tensor : session.inputs()) {
                Role role = role(tensor, given.get(tensor.name()), all);
                resolution.facts().put("input " + tensor, role.key());
                TensorSpec before = own.put(role, tensor);
                if (before != null) {
                    throw resolution.failure("inputs " + before + " and " + tensor + " both take " + role.key()
                            + ", but a reward has one image and one prompt; export a model that needs no other");
                }
            }
            roles.add(own);
        }
        return roles;
    }

    private Role role(TensorSpec tensor, @Nullable String given, List<TensorSpec> all) {
        if (given != null) {
            return Stream.of(Role.values())
                    .filter(role -> role.key().equals(given))
                    .findFirst()
                    .orElseThrow(() -> resolution.failure("inputs." + tensor.shown() + " is " + Quote.of(given)
                            + "; it must be image, text.ids, text.mask or text.types"));
        }
        @Nullable
        Role usual = switch (tensor.name()) {
            case "input_ids" -> Role.IDS;
            case "attention_mask" -> Role.MASK;
            case "token_type_ids" -> Role.TYPES;
            default -> null;
        };
        if (usual != null) {
            return usual;
        }
        boolean only = all.stream().filter(ModelInputs::looksLikeImages).count() == 1;
        if (tensor.name().equals("pixel_values") || (looksLikeImages(tensor) && only)) {
            return Role.IMAGE;
        }
        throw resolution.failure("what input " + tensor + " takes is not known; the inputs are " + TensorSpec.list(all)
                + "; say it in " + resolution.place().key("inputs: {") + tensor.shown() + ": image}");
    }

    private static boolean looksLikeImages(TensorSpec tensor) {
        return tensor.shape().size() == 4
                || (tensor.shape().size() == 3
                        && (tensor.length(0) == 3 || tensor.length(2) == 3)); // one, without a batch
    }

    /** The image of a model. */
    ImageInput image(Map<Role, TensorSpec> roles, OnnxSession session) {
        TensorSpec tensor = roles.get(Role.IMAGE);
        if (tensor == null) {
            throw resolution.failure("the model takes no image; its inputs are " + TensorSpec.list(session.inputs()));
        }
        return ImageInput.of(tensor, preprocess(), resolution.place());
    }

    /** The prompt of a model. */
    TextInput text(Map<Role, TensorSpec> roles, OnnxSession session) {
        Map<Role, TensorSpec> tensors = new LinkedHashMap<>(roles);
        tensors.remove(Role.IMAGE);
        TensorSpec ids = tensors.get(Role.IDS);
        if (ids == null) {
            throw resolution.failure("the model takes no prompt; its inputs are " + TensorSpec.list(session.inputs()));
        }
        TextInput.requirePorts(tensors.values());
        FolderTokenizer tokenizer = FolderTokenizer.load(resolution.folder());
        resolution.opened().add(tokenizer);
        resolution.files().add(tokenizer.source());
        OnnxConfig.Tokens tokens = resolution.config().tokenizer();
        Integer given = tokens == null ? null : tokens.maxLength();
        Padding padding = tokens == null ? null : tokens.padding();
        String prefix = tokens == null || tokens.prefix() == null ? "" : tokens.prefix();
        boolean siglip = modelType().startsWith("siglip");
        int length = given != null ? given : siglip ? SIGLIP_LENGTH : tokenizer.maxLength();
        boolean padded = padding == null ? siglip : padding == Padding.MAX_LENGTH;
        if (ids.length(1) > 0) { // a fixed length
            length = (int) ids.length(1);
            padded = true;
        }
        resolution
                .facts()
                .put(
                        "tokenizer",
                        tokenizer.source() + ", at most " + length + " tokens, "
                                + (padded ? "padded to that" : "not padded")
                                + (prefix.isEmpty() ? "" : ", " + Quote.of(prefix) + " before every prompt"));
        return new TextInput(tokenizer, tensors, length, padded ? length : 0, prefix);
    }

    private String modelType() {
        Path file = resolution.folder().resolve("config.json");
        return Files.isRegularFile(file)
                ? ConfigFile.read(file).optionalText("model_type").orElse("")
                : "";
    }

    private Preprocess preprocess() {
        Path file = resolution.folder().resolve("preprocessor_config.json");
        PreprocessConfig given = resolution.config().preprocess();
        boolean read = Files.isRegularFile(file) && (given == null || !given.complete());
        if (!read && (given == null || !given.complete())) {
            throw resolution.failure(
                    "has no preprocessor_config.json; put there that of the model, or say how images are made ready: "
                            + resolution.place().key("preprocess: {size: [224, 224], mean: [..], std: [..]}"));
        }
        Preprocess beneath = read ? PreprocessorFile.read(file) : PreprocessConfig.bare();
        if (read) {
            resolution.files().add(file);
        }
        Preprocess preprocess = given == null ? beneath : given.over(beneath);
        resolution.facts().put("preprocess", preprocess.describe() + (read ? " (" + file.getFileName() + ")" : ""));
        return preprocess;
    }
}
