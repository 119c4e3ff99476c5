package org.imagerl.rewards.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.imagerl.rewards.model.TextInput.Role;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a model folder: what each file, input and output is for. What the configuration (preset, manifest and user together) does not
 * say follows from the files; every choice becomes a fact that {@code imagerl reward inspect} shows.
 */
final class ModelLoader {
    private static final int GPU_BATCH = 16;

    private ModelLoader() {}

    /**
     * Loads a folder.
     *
     * @throws UserException if it cannot be a reward, with what is missing and what there is
     */
    static ModelPlan load(Path folder, OnnxConfig config, OnnxDevice device) {
        return resolve(new Resolution(folder, config, device, SettingsPlace.REWARD), ModelLoader::plan);
    }

    /**
     * Loads what embeds images: an image tower, or a model with {@code image_embeds}.
     *
     * @param place where its settings stand; the only output of a model will do for features
     * @throws UserException as {@link #load}
     */
    static Embedder loadEmbedder(Path folder, OnnxConfig config, OnnxDevice device, SettingsPlace place) {
        return resolve(new Resolution(folder, config, device, place), ModelLoader::embedder);
    }

    /**
     * Makes something of a folder.
     *
     * @throws UserException that names the folder; what was opened is closed then
     */
    static <T> T resolve(Resolution resolution, Function<Resolution, T> making) {
        try {
            return making.apply(resolution);
        } catch (UserException e) {
            ModelPlan.closeAll(resolution.opened());
            throw named(resolution, e);
        } catch (RuntimeException | Error e) {
            ModelPlan.closeAll(resolution.opened());
            throw e;
        }
    }

    /** Every problem of a folder names it. */
    private static UserException named(Resolution resolution, UserException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains(resolution.folder().toString())
                ? e
                : new UserException(e.kind(), resolution.folder() + ": " + message, e);
    }

    static Embedder embedder(Resolution resolution) {
        ModelFiles models = ModelFiles.find(resolution);
        resolution.files().addAll(models.all());
        Path file = models.model() == null ? models.vision() : models.model();
        if (file == null) {
            throw resolution.failure("has no model that embeds images: no vision_model.onnx, no model.onnx");
        }
        OnnxSession session = resolution.open("model", file);
        ModelInputs inputs = new ModelInputs(resolution);
        ModelOutputs outputs = new ModelOutputs(resolution);
        Map<Role, TensorSpec> roles = inputs.roles(List.of(session)).get(0);
        ImageInput image = inputs.image(roles, session);
        String output = outputs.vector(session);
        resolution.facts().put("output", TensorSpec.shown(output));
        Map<String, ModelInput> others =
                roles.containsKey(Role.IDS) ? inputs.text(roles, session).feeds("", 1) : Map.of();
        return new Embedder(
                resolution.folder(),
                session,
                image,
                others,
                output,
                List.copyOf(resolution.files()),
                Collections.unmodifiableMap(resolution.facts()),
                resolution.opened());
    }

    private static ModelPlan plan(Resolution resolution) {
        OnnxConfig config = resolution.config();
        ModelFiles models = ModelFiles.find(resolution);
        resolution.files().addAll(models.all());
        AffineCalibration formula = AffineCalibration.of(config.formula());
        Scorer scorer = new ScorerChoice(resolution).scorer(models);
        int batch = batch(scorer, resolution);
        Reward.Spec spec = spec(config);
        addFacts(resolution, formula, spec, batch + (scorer.batch() > 0 ? " (fixed by the model)" : ""));
        for (String manifest : List.of("reward.yaml", "reward.json", "config.json")) {
            Path file = resolution.folder().resolve(manifest);
            if (Files.isRegularFile(file)) {
                resolution.files().add(file);
            }
        }
        return new ModelPlan(
                scorer,
                formula,
                batch,
                spec,
                List.copyOf(resolution.files()),
                Collections.unmodifiableMap(resolution.facts()),
                golden(resolution),
                resolution.opened());
    }

    private static void addFacts(Resolution resolution, AffineCalibration formula, Reward.Spec spec, String batch) {
        int cuda = resolution.device().cuda();
        Map<String, String> facts = resolution.facts();
        facts.put("formula", formula.describe());
        facts.put("range", spec.describe());
        facts.put("batch", batch);
        facts.put("device", cuda == OnnxDevice.CPU ? "cpu" : "cuda:" + cuda);
        addFact(facts, "version", resolution.config().version());
        addFact(facts, "license", resolution.config().license());
    }

    private static void addFact(Map<String, String> facts, String name, @Nullable String value) {
        if (value != null) {
            facts.put(name, value);
        }
    }

    private static int batch(Scorer scorer, Resolution resolution) {
        if (scorer.batch() > 0) {
            return scorer.batch();
        }
        Integer given = resolution.config().batchSize();
        return given != null ? given : resolution.device().cuda() == OnnxDevice.CPU ? 1 : GPU_BATCH;
    }

    private static Reward.Spec spec(OnnxConfig config) {
        OnnxConfig.Range range = config.range();
        Boolean higher = config.higherIsBetter();
        String unit = config.unit();
        return new Reward.Spec(
                Reward.Scope.POINTWISE,
                range == null ? Double.NEGATIVE_INFINITY : range.min(),
                range == null ? Double.POSITIVE_INFINITY : range.max(),
                higher == null || higher,
                unit == null ? "as the model gives it" : Quote.plain(unit)); // it stands in tables
    }

    private static List<Reward.Golden> golden(Resolution resolution) {
        List<OnnxConfig.GoldenPair> given = resolution.config().golden();
        List<Reward.Golden> pairs = new ArrayList<>();
        for (OnnxConfig.GoldenPair pair : given == null ? List.<OnnxConfig.GoldenPair>of() : given) {
            String key = "golden[" + pairs.size() + "].image";
            Path image = FolderFile.resolve(resolution.folder(), pair.image(), key);
            if (Files.exists(image)) { // else imagerl reward verify says so
                FolderFile.require(resolution.folder(), image, key);
            }
            String prompt = pair.prompt();
            Double tolerance = pair.tolerance();
            pairs.add(new Reward.Golden(
                    image, prompt == null ? "" : prompt, pair.score(), tolerance == null ? 1e-3 : tolerance));
        }
        return List.copyOf(pairs);
    }
}
