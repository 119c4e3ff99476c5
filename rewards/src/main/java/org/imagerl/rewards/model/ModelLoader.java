package org.imagerl.rewards.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.hub.ConfigFile;
import org.imagerl.hub.tokenizer.FolderTokenizer;
import org.imagerl.rewards.model.OnnxConfig.Kind;
import org.imagerl.rewards.model.OnnxConfig.Padding;
import org.imagerl.rewards.model.OnnxConfig.Select;
import org.imagerl.rewards.model.TextInput.Role;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.OnnxSession.Port;
import org.imagerl.rewards.preprocess.Preprocess;
import org.imagerl.rewards.preprocess.PreprocessConfig;
import org.imagerl.rewards.preprocess.PreprocessorFile;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a model folder: what each file, input and output is for. What the configuration (preset, manifest and user together) does not
 * say follows from the files; every choice becomes a fact that {@code imagerl reward inspect} shows.
 */
final class ModelLoader {
    private static final int GPU_BATCH = 16;
    private static final int SIGLIP_LENGTH = 64;
    private static final String IMAGE_EMBEDS = "image_embeds";
    private static final String TEXT_EMBEDS = "text_embeds";
    private static final String LOGITS = "logits_per_image";

    private final Path folder;
    private final OnnxConfig config;
    private final OnnxDevice device;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private final Map<String, String> facts = new LinkedHashMap<>();

    private ModelLoader(Path folder, OnnxConfig config, OnnxDevice device) {
        this.folder = folder;
        this.config = config;
        this.device = device;
    }

    /**
     * Loads a folder.
     *
     * @throws UserException if it cannot be a reward, with what is missing and what there is
     */
    static ModelPlan load(Path folder, OnnxConfig config, OnnxDevice device) {
        ModelLoader loader = new ModelLoader(folder, config, device);
        try {
            return loader.plan();
        } catch (RuntimeException | Error e) {
            ModelPlan.closeAll(loader.opened);
            throw e;
        }
    }

    /**
     * Loads what embeds pictures: a picture tower, or a model with {@code image_embeds}.
     *
     * @throws UserException as {@link #load}
     */
    static Embedder loadEmbedder(Path folder, OnnxConfig config, OnnxDevice device) {
        ModelLoader loader = new ModelLoader(folder, config, device);
        try {
            return loader.embedder();
        } catch (RuntimeException | Error e) {
            ModelPlan.closeAll(loader.opened);
            throw e;
        }
    }

    private Embedder embedder() {
        ModelFiles models = ModelFiles.find(folder, config.files());
        files.addAll(models.all());
        Path file = models.model() == null ? models.vision() : models.model();
        if (file == null) {
            throw UserException.input(
                    folder + ": has no model that embeds pictures: no vision_model.onnx, no model.onnx");
        }
        OnnxSession session = open("model", file);
        Map<Role, Port> roles = roles(List.of(session)).get(0);
        ImageInput image = ImageInput.of(image(roles, session), preprocess());
        String output = output(session, imageEmbeds());
        facts.put("output", output);
        Map<String, OnnxSession.Feed> others =
                roles.containsKey(Role.IDS) ? text(roles, session).feeds("", 1) : Map.of();
        return new Embedder(
                session, image, others, output, List.copyOf(files), Collections.unmodifiableMap(facts), opened);
    }

    private ModelPlan plan() {
        ModelFiles models = ModelFiles.find(folder, config.files());
        files.addAll(models.all());
        Formula formula = Formula.of(config.formula());
        Scorer scorer = scorer(models);
        int batch = batch(scorer);
        Reward.Spec spec = spec();
        facts.put("formula", formula.describe());
        facts.put(
                "range",
                "[" + spec.min() + ", " + spec.max() + "] " + spec.unit() + ", "
                        + (spec.higherIsBetter() ? "higher" : "lower") + " is better");
        facts.put("batch", batch + (scorer.batch() > 0 ? " (fixed by the model)" : ""));
        facts.put("device", device.cuda() == OnnxDevice.CPU ? "cpu" : "cuda:" + device.cuda());
        fact("version", config.version());
        fact("license", config.license());
        for (String manifest : List.of("reward.yaml", "reward.json", "config.json")) {
            if (Files.isRegularFile(folder.resolve(manifest))) {
                files.add(folder.resolve(manifest));
            }
        }
        return new ModelPlan(
                scorer, formula, batch, spec, List.copyOf(files), Collections.unmodifiableMap(facts), golden(), opened);
    }

    private void fact(String name, @Nullable String value) {
        if (value != null) {
            facts.put(name, value);
        }
    }

    private Scorer scorer(ModelFiles models) {
        Path model = models.model();
        if (model != null) {
            return single(open("model", model), models);
        }
        Path vision = models.vision();
        Path text = models.text();
        if (vision == null || text == null) {
            throw UserException.input(
                    folder + ": has only one of two towers (text_model.onnx, vision_model.onnx) and no"
                            + " model.onnx; put both there, or name one file in reward.yaml: files.model");
        }
        return towers(open("picture tower", vision), open("text tower", text));
    }

    private OnnxSession open(String what, Path file) {
        OnnxSession session = OnnxSession.load(file, device, 1);
        opened.add(session);
        facts.put(what, file.toString());
        facts.put(what + " outputs", session.outputs().toString());
        return session;
    }

    private Scorer single(OnnxSession session, ModelFiles models) {
        Map<Role, Port> roles = roles(List.of(session)).get(0);
        Kind kind = kind(roles, session);
        ImageInput image = ImageInput.of(image(roles, session), preprocess());
        return switch (kind) {
            case IMAGE_TEXT_SIMILARITY -> joint(session, image, text(roles, session));
            case IMAGE_TEXT_SCALAR -> pair(session, image, text(roles, session));
            case IMAGE_SCALAR -> alone(session, image, models.head());
        };
    }

    private Kind kind(Map<Role, Port> roles, OnnxSession session) {
        Kind given = config.kind();
        boolean text = roles.containsKey(Role.IDS);
        boolean towers = has(session, LOGITS) || (has(session, IMAGE_EMBEDS) && has(session, TEXT_EMBEDS));
        Kind found = !text ? Kind.IMAGE_SCALAR : towers ? Kind.IMAGE_TEXT_SIMILARITY : Kind.IMAGE_TEXT_SCALAR;
        Kind kind = given == null ? found : given;
        facts.put("kind", word(kind) + (given == null ? " (by the inputs and outputs)" : ""));
        return kind;
    }

    private Scorer joint(OnnxSession session, ImageInput image, TextInput text) {
        OnnxConfig.Output output = config.output();
        String name = output == null ? null : output.name();
        Select given = output == null ? null : output.select();
        Select select = given == null ? (name == null ? Select.COSINE : Select.LOGIT) : given;
        Reduction reduction = Reduction.of(output);
        if (select == Select.LOGIT) {
            String logits = output(session, name == null ? LOGITS : name);
            facts.put("output", logits + ", of each picture with its own prompt, " + reduction.describe());
            return new JointScorer(session, image, text, logits, "", "", reduction);
        }
        String images = output(session, imageEmbeds());
        String texts = output(session, textEmbeds());
        facts.put("output", "cosine of " + images + " and " + texts);
        return new JointScorer(session, image, text, "", images, texts, reduction);
    }

    private Scorer towers(OnnxSession vision, OnnxSession language) {
        List<Map<Role, Port>> roles = roles(List.of(vision, language));
        OnnxConfig.Output output = config.output();
        if (output != null && output.select() == Select.LOGIT) {
            throw UserException.input(
                    folder + ": two towers have no logits: their temperature is not in the files; give it"
                            + " by --reward '{type: onnx, folder: " + folder
                            + ", output: {select: cosine}, formula: {scale: 3.846}}' (PickScore: 100 / 26), or export both towers"
                            + " as one model.onnx");
        }
        facts.put("kind", word(Kind.IMAGE_TEXT_SIMILARITY) + " (two towers)");
        ImageInput image = ImageInput.of(image(roles.get(0), vision), preprocess());
        TextInput text = text(roles.get(1), language);
        String images = output(vision, imageEmbeds());
        String texts = output(language, textEmbeds());
        facts.put("output", "cosine of " + images + " and " + texts);
        return new TowerScorer(vision, image, images, language, text, texts);
    }

    private String imageEmbeds() {
        OnnxConfig.Output output = config.output();
        String name = output == null ? null : output.imageEmbeds();
        return name == null ? IMAGE_EMBEDS : name;
    }

    private String textEmbeds() {
        OnnxConfig.Output output = config.output();
        String name = output == null ? null : output.textEmbeds();
        return name == null ? TEXT_EMBEDS : name;
    }

    private Scorer pair(OnnxSession session, ImageInput image, TextInput text) {
        Reduction reduction = Reduction.of(config.output());
        Port port = value(session);
        checkCount(reduction, port);
        facts.put("output", port.name() + ", " + reduction.describe());
        return new PairScorer(session, image, text, port.name(), reduction);
    }

    private Scorer alone(OnnxSession session, ImageInput image, @Nullable Path headFile) {
        Reduction reduction = Reduction.of(config.output());
        if (headFile == null) {
            Port port = value(session);
            checkCount(reduction, port);
            facts.put("output", port.name() + ", " + reduction.describe());
            return new ImageScorer(session, image, port.name(), ImageScorer.Head.NONE, reduction);
        }
        OnnxConfig.Output output = config.output();
        String named = output == null ? null : output.name();
        String embedding = output(session, named == null ? imageEmbeds() : named);
        facts.put(
                "output",
                embedding + ", divided by its length, through " + headFile.getFileName() + ", " + reduction.describe());
        return new ImageScorer(session, image, embedding, head(headFile), reduction);
    }

    private ImageScorer.Head head(Path file) {
        if (file.toString().endsWith(".json")) {
            return LinearHead.read(file);
        }
        OnnxSession session = open("head", file);
        return embedding -> {
            float[] unit = Vectors.unit(embedding);
            return session.run(new OnnxSession.Tensor(unit, new long[] {1, unit.length}))
                    .values();
        };
    }

    /** The output with one value per picture: the one that is named, or the only one. */
    private Port value(OnnxSession session) {
        OnnxConfig.Output output = config.output();
        String name = output == null ? null : output.name();
        if (name != null) {
            String found = output(session, name);
            return session.outputs().stream()
                    .filter(port -> port.name().equals(found))
                    .findFirst()
                    .orElseThrow();
        }
        if (session.outputs().size() != 1) {
            throw UserException.input(folder + ": the model has several outputs, " + session.outputs()
                    + "; say in reward.yaml which one is the score: output.name");
        }
        return session.outputs().get(0);
    }

    private static void checkCount(Reduction reduction, Port port) {
        List<Long> own = port.shape().isEmpty()
                ? port.shape()
                : port.shape().subList(1, port.shape().size());
        if (own.stream().allMatch(length -> length > 0)) {
            reduction.check(
                    port.name(), (int) own.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b));
        }
    }

    private static boolean has(OnnxSession session, String output) {
        return session.outputs().stream().anyMatch(port -> port.name().equals(output));
    }

    private String output(OnnxSession session, String name) {
        if (!has(session, name)) {
            throw UserException.input(folder + ": the model has no output " + name + "; it has " + session.outputs()
                    + "; say in reward.yaml what is read: output.name, output.image_embeds, output.text_embeds");
        }
        return name;
    }

    /** What the inputs of each model take. */
    private List<Map<Role, Port>> roles(List<OnnxSession> sessions) {
        Map<String, String> given = config.inputs() == null ? Map.of() : config.inputs();
        List<Port> all =
                sessions.stream().flatMap(session -> session.inputs().stream()).toList();
        for (String name : given.keySet()) {
            if (all.stream().noneMatch(port -> port.name().equals(name))) {
                throw UserException.input(
                        folder + ": the manifest gives an input " + name + ", which the model has not; it has " + all);
            }
        }
        List<Map<Role, Port>> roles = new ArrayList<>();
        for (OnnxSession session : sessions) {
            Map<Role, Port> own = new LinkedHashMap<>();
            for (Port port : session.inputs()) {
                Role role = role(port, given.get(port.name()), all);
                facts.put("input " + port, role.key());
                own.put(role, port);
            }
            roles.add(own);
        }
        return roles;
    }

    private Role role(Port port, @Nullable String given, List<Port> all) {
        if (given != null) {
            return Stream.of(Role.values())
                    .filter(role -> role.key().equals(given))
                    .findFirst()
                    .orElseThrow(() -> UserException.input(folder + ": inputs." + port.name() + " is " + given
                            + "; it must be image, text.ids, text.mask or text.types"));
        }
        @Nullable
        Role usual = switch (port.name()) {
            case "input_ids" -> Role.IDS;
            case "attention_mask" -> Role.MASK;
            case "token_type_ids" -> Role.TYPES;
            default -> null;
        };
        if (usual != null) {
            return usual;
        }
        boolean only = all.stream().filter(other -> other.shape().size() == 4).count() == 1;
        if (port.name().equals("pixel_values") || (port.shape().size() == 4 && only)) {
            return Role.IMAGE;
        }
        throw UserException.input(folder + ": what input " + port + " takes is not known; the inputs are " + all
                + "; say it in reward.yaml: inputs: {" + port.name() + ": image}");
    }

    private Port image(Map<Role, Port> roles, OnnxSession session) {
        Port port = roles.get(Role.IMAGE);
        if (port == null) {
            throw UserException.input(folder + ": the model takes no picture; its inputs are " + session.inputs());
        }
        return port;
    }

    private TextInput text(Map<Role, Port> roles, OnnxSession session) {
        Map<Role, Port> ports = new LinkedHashMap<>(roles);
        ports.remove(Role.IMAGE);
        Port ids = ports.get(Role.IDS);
        if (ids == null) {
            throw UserException.input(folder + ": the model takes no prompt; its inputs are " + session.inputs());
        }
        FolderTokenizer tokenizer = FolderTokenizer.load(folder);
        opened.add(tokenizer);
        files.add(tokenizer.source());
        OnnxConfig.Tokens tokens = config.tokenizer();
        Integer given = tokens == null ? null : tokens.maxLength();
        Padding padding = tokens == null ? null : tokens.padding();
        boolean siglip = modelType().startsWith("siglip");
        int length = given != null ? given : siglip ? SIGLIP_LENGTH : tokenizer.maxLength();
        boolean padded = padding == null ? siglip : padding == Padding.MAX_LENGTH;
        if (ids.length(1) > 0) { // a fixed length
            length = (int) ids.length(1);
            padded = true;
        }
        facts.put(
                "tokenizer",
                tokenizer.source() + ", at most " + length + " tokens, " + (padded ? "padded to that" : "not padded"));
        return new TextInput(tokenizer, ports, length, padded ? length : 0);
    }

    private String modelType() {
        Path file = folder.resolve("config.json");
        return Files.isRegularFile(file)
                ? ConfigFile.read(file).optionalText("model_type").orElse("")
                : "";
    }

    private Preprocess preprocess() {
        Path file = folder.resolve("preprocessor_config.json");
        PreprocessConfig given = config.preprocess();
        boolean read = Files.isRegularFile(file) && (given == null || !given.complete());
        if (!read && (given == null || !given.complete())) {
            throw UserException.input(
                    folder + ": has no preprocessor_config.json; put there that of the model, or say in"
                            + " reward.yaml how pictures are made ready: preprocess: {size: [224, 224], mean: [..], std: [..]}");
        }
        Preprocess beneath = read ? PreprocessorFile.read(file) : PreprocessConfig.bare();
        if (read) {
            files.add(file);
        }
        Preprocess preprocess = given == null ? beneath : given.over(beneath);
        facts.put("preprocess", preprocess.describe() + (read ? " (" + file.getFileName() + ")" : ""));
        return preprocess;
    }

    private int batch(Scorer scorer) {
        if (scorer.batch() > 0) {
            return scorer.batch();
        }
        Integer given = config.batchSize();
        return given != null ? given : device.cuda() == OnnxDevice.CPU ? 1 : GPU_BATCH;
    }

    private Reward.Spec spec() {
        OnnxConfig.Range range = config.range();
        Boolean higher = config.higherIsBetter();
        String unit = config.unit();
        return new Reward.Spec(
                Reward.Scope.POINTWISE,
                range == null ? Double.NEGATIVE_INFINITY : range.min(),
                range == null ? Double.POSITIVE_INFINITY : range.max(),
                higher == null || higher,
                unit == null ? "as the model gives it" : unit);
    }

    private List<Reward.Golden> golden() {
        List<Reward.Golden> pairs = new ArrayList<>();
        for (OnnxConfig.GoldenPair pair :
                config.golden() == null ? List.<OnnxConfig.GoldenPair>of() : config.golden()) {
            String prompt = pair.prompt();
            Double tolerance = pair.tolerance();
            pairs.add(new Reward.Golden(
                    folder.resolve(pair.image()),
                    prompt == null ? "" : prompt,
                    pair.score(),
                    tolerance == null ? 1e-3 : tolerance));
        }
        return List.copyOf(pairs);
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
