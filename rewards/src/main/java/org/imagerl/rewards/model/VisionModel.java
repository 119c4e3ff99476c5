package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.imagerl.hub.preprocess.Preprocess;
import org.imagerl.hub.preprocess.PreprocessConfig;
import org.imagerl.rewards.model.TextInput.Role;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.ModelInput.Ids;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.RgbImage;
import org.jspecify.annotations.Nullable;

/**
 * A model folder whose outputs the caller interprets: images are preprocessed and run one at a time, and all outputs
 * are returned. Thread-safe.
 */
public final class VisionModel implements AutoCloseable {
    /** 1 where there is an image, 0 where there is padding, which is inside the image here: DETR. */
    private static final String MASK = "pixel_mask";
    /** Width and height that boxes are stretched to: RT-DETR as its authors export it. */
    private static final String SIZES = "orig_target_sizes";

    /** Height and width in the metadata that Ultralytics writes: {@code [640, 640]}. */
    private static final Pattern EXPORTED_SIZE = Pattern.compile("\\[(\\d{1,4}), ?(\\d{1,4})]");

    private final Resolution resolution;
    private final OnnxSession session;
    private final ImageInput image;
    private final Set<String> outputs;

    private VisionModel(Resolution resolution, OnnxSession session, ImageInput image) {
        this.resolution = resolution;
        this.session = session;
        this.image = image;
        this.outputs = session.outputs().stream()
                .filter(tensor -> tensor.element().isRead())
                .map(TensorSpec::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Loads it.
     *
     * @param letterboxed whether this model takes images as YOLO does, where no file and no setting says how
     * @throws org.imagerl.spi.UserException naming the folder, if it has no model, or one that does not take one image
     */
    public static VisionModel open(
            Path folder, OnnxConfig config, OnnxDevice device, Predicate<OnnxSession> letterboxed) {
        return ModelLoader.resolve(
                new Resolution(folder, config, device, SettingsPlace.REWARD), of -> open(of, letterboxed));
    }

    private static VisionModel open(Resolution resolution, Predicate<OnnxSession> letterboxed) {
        ModelFiles models = ModelFiles.find(resolution);
        Path file = models.model();
        if (file == null) {
            throw resolution.failure("has no model.onnx, but the towers of a CLIP; name the file: model: NAME.onnx");
        }
        resolution.files().addAll(models.all());
        OnnxSession session = resolution.open("model", file);
        TensorSpec tensor = input(resolution, session);
        Resolution prepared = letterboxed.test(session) ? letterbox(resolution, session, tensor) : resolution;
        ImageInput image = new ModelInputs(prepared).image(Map.of(Role.IMAGE, tensor), session);
        return new VisionModel(prepared, session, image);
    }

    private static TensorSpec input(Resolution resolution, OnnxSession session) {
        List<TensorSpec> images = session.inputs().stream()
                .filter(tensor -> !Set.of(MASK, SIZES).contains(tensor.name()))
                .toList();
        if (images.size() != 1) {
            throw resolution.failure("a detector takes one image, and perhaps " + MASK + " and " + SIZES
                    + "; the inputs of this model are " + TensorSpec.list(session.inputs()));
        }
        return images.get(0);
    }

    /** The same with YOLO's preparation, if nothing says another and the model says the size: by its input, or in its metadata where the input takes any. */
    private static Resolution letterbox(Resolution resolution, OnnxSession session, TensorSpec tensor) {
        OnnxConfig config = resolution.config();
        Matcher size = EXPORTED_SIZE.matcher(session.metadata().getOrDefault("imgsz", ""));
        boolean exported = size.matches();
        int height = tensor.length(-2) < 1 && exported ? Integer.parseInt(size.group(1)) : (int) tensor.length(-2);
        int width = tensor.length(-1) < 1 && exported ? Integer.parseInt(size.group(2)) : (int) tensor.length(-1);
        boolean said = config.preprocess() != null
                || Files.isRegularFile(resolution.folder().resolve("preprocessor_config.json"));
        if (said || height < 1 || width < 1) {
            return resolution;
        }
        return resolution.with(OnnxConfig.bare(
                config.folder(),
                config.files(),
                PreprocessConfig.letterbox(width, height),
                config.inputs(),
                config.output(),
                config.device()));
    }

    /** All outputs, in the order of the model. */
    public List<TensorSpec> outputs() {
        return session.outputs();
    }

    /** What the program that exported the model wrote into it. */
    public Map<String, String> metadata() {
        return session.metadata();
    }

    /** The files that were read. */
    public List<Path> files() {
        return List.copyOf(resolution.files());
    }

    /** What was resolved, for people. */
    public Map<String, String> facts() {
        return Collections.unmodifiableMap(resolution.facts());
    }

    /**
     * What a run gave.
     *
     * @param tensors by name; where the model takes a fixed batch above 1, each row is of the same image
     * @param across what became of the width of the image
     * @param down what became of its height
     */
    public record Run(Map<String, Tensor> tensors, Preprocess.Side across, Preprocess.Side down) {

        /** An output that the model has, by its name. */
        public Tensor tensor(String name) {
            return JointScorer.tensor(tensors, name);
        }
    }

    /** Runs it on an image. */
    public Run run(RgbImage seen) throws OrtException {
        Preprocess.Side across = image.preprocess().horizontal(seen.width(), seen.height());
        Preprocess.Side down = image.preprocess().vertical(seen.width(), seen.height());
        Map<String, ModelInput> feeds = new HashMap<>();
        feeds.put(image.tensor().name(), image.input(List.of(seen)));
        for (TensorSpec tensor : session.inputs()) {
            @Nullable Ids extra = extra(tensor, across.length(), down.length());
            if (extra != null) {
                feeds.put(tensor.name(), extra);
            }
        }
        return new Run(session.run(feeds, outputs), across, down);
    }

    private @Nullable Ids extra(TensorSpec tensor, int width, int height) {
        int rows = image.rows(1);
        if (tensor.name().equals(MASK)) {
            long down = tensor.length(1) > 0 ? tensor.length(1) : height;
            long across = tensor.length(2) > 0 ? tensor.length(2) : width;
            long[] ones = new long[Math.toIntExact(Math.multiplyExact(rows, Math.multiplyExact(down, across)))];
            Arrays.fill(ones, 1);
            return new Ids(ones, new long[] {rows, down, across});
        }
        if (tensor.name().equals(SIZES)) {
            long[] sizes = new long[2 * rows];
            for (int i = 0; i < rows; i++) {
                sizes[2 * i] = width;
                sizes[2 * i + 1] = height;
            }
            return new Ids(sizes, new long[] {rows, 2});
        }
        return null;
    }

    @Override
    public void close() {
        ModelPlan.closeAll(resolution.opened());
    }
}
