package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.Fit;
import org.imagerl.toolkit.optim.LearningRate;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** One training of a classifier with its tensors. */
final class ClassifierRun implements AutoCloseable {
    private static final String STATE = "training.safetensors";
    private static final String BEST = "best.safetensors";
    private static final double EMA_DECAY = 0.9;
    private static final int WARMUP_STEPS = 20;

    private final ClassifierConfig config;
    private final RandomStreams random;
    private final Path folder;
    private final LabelledImages data;
    private final NDManager manager;
    private final ParameterStore weights = new ParameterStore("classifier");
    private final ClassifierInput inputs;
    private final ClassifierNetwork network;
    private final int[] training;
    private final int[] validation;
    private final Fit fit;
    private EarlyStop stop = EarlyStop.BEGINNING;

    ClassifierRun(
            ClassifierConfig config,
            Path folder,
            LabelledImages data,
            Split split,
            ClassifierInput inputs,
            NDManager manager) {
        this.config = config;
        this.random = new RandomStreams(config.seed());
        this.folder = folder;
        this.data = data;
        this.inputs = inputs;
        this.manager = manager;
        network = inputs.backbone().declare(weights, data.controls());
        NetworkWeights.initialise(weights, manager, random);
        validation = split.validation();
        training = split.training();
        network.measure(inputs, manager, training);
        long total = (long) config.epochs() * batches();
        LearningRate rate = new LearningRate(config.learningRate(), LearningRate.Shape.COSINE, WARMUP_STEPS, total);
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.999, 1e-8, config.weightDecay(), 1);
        fit = new Fit(rate, settings, EMA_DECAY, trainable(), manager);
    }

    private SortedMap<String, NDArray> trainable() {
        SortedMap<String, NDArray> parameters = new TreeMap<>();
        weights.trainable().forEach(parameter -> parameters.put(parameter.key(), parameter.value()));
        parameters.values().forEach(tensor -> tensor.setRequiresGradient(true));
        return parameters;
    }

    private int batches() {
        return (training.length + config.batch() - 1) / config.batch();
    }

    /** Trains; returns false if the user stopped it. */
    boolean train(Progress progress) {
        if (Files.exists(folder.resolve(STATE))) {
            stop = restored(folder.resolve(STATE));
        }
        while (stop.epoch() < config.epochs() && stop.sinceBest() < config.patience()) {
            double loss = epoch(stop.epoch());
            double heldOut = fit.averaged(this::validationLoss);
            boolean best = heldOut < stop.bestLoss();
            if (best) {
                fit.averaged(() -> save(BEST));
            }
            stop = stop.after(heldOut);
            fit.save(folder.resolve(STATE), stop.texts());
            progress.update(
                    "classifier",
                    stop.epoch(),
                    config.epochs(),
                    String.format(Locale.ROOT, "loss %.4f | held-out %.4f%s", loss, heldOut, best ? " best" : ""));
            if (progress.stopped()) {
                return false;
            }
        }
        return true;
    }

    private EarlyStop restored(Path state) {
        Map<String, String> metadata = fit.restore(state);
        try {
            EarlyStop restored = EarlyStop.of(metadata);
            if (fit.steps() == (long) restored.epoch() * batches()) {
                return restored;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw UserException.input(
                state + ": is no state of this training (" + metadata + "); delete it to begin again");
    }

    private Path save(String name) {
        Path file = folder.resolve(name);
        TensorFiles.save(file, Classifier.tensors(weights), Map.of("format", "pt"));
        return file;
    }

    private double epoch(int epoch) {
        int[] order = random.permutation(training.length, "order", epoch);
        double sum = 0;
        for (int from = 0; from < order.length; from += config.batch()) {
            int[] rows = Arrays.stream(order, from, Math.min(order.length, from + config.batch()))
                    .map(i -> training[i])
                    .toArray();
            try (NDManager scope = manager.newSubManager()) {
                NDArray batch = inputs.of(scope, rows);
                sum += fit.step(() -> loss(batch, rows)) * rows.length;
            }
        }
        return sum / order.length;
    }

    private NDArray loss(NDArray batch, int... rows) {
        Map<String, NDArray> logits = network.logits(batch);
        NDArray sum = null;
        for (int k = 0; k < data.controls().size(); k++) {
            Control control = data.controls().get(k);
            NDArray logs = Objects.requireNonNull(logits.get(control.name())).logSoftmax(1);
            NDArray right = logs.mul(labels(logs, k, rows)).sum();
            sum = sum == null ? right : sum.add(right);
        }
        return Objects.requireNonNull(sum);
    }

    /** -1 / rows at the right class, so that the sum of products with the log-probabilities is the mean cross-entropy. */
    private NDArray labels(NDArray like, int control, int... rows) {
        int classes = data.controls().get(control).classes();
        float[] chosen = new float[rows.length * classes];
        for (int i = 0; i < rows.length; i++) {
            chosen[i * classes + label(control, rows[i])] = -1f / rows.length;
        }
        return like.getManager().create(chosen, new Shape(rows.length, classes)).duplicate();
    }

    private int label(int control, int row) {
        return data.images().get(row).classes()[control];
    }

    private double validationLoss() {
        double[] sum = new double[1];
        List<List<double[]>> logits = validationLogits();
        for (int k = 0; k < data.controls().size(); k++) {
            sum[0] += calibration(logits, k).negativeLogLikelihood(1);
        }
        return sum[0];
    }

    private Calibration calibration(List<List<double[]>> logits, int control) {
        int[] labels = Arrays.stream(validation).map(row -> label(control, row)).toArray();
        return new Calibration(logits.get(control), labels);
    }

    /** The logits of each control, one row per held-out image. */
    private List<List<double[]>> validationLogits() {
        List<List<double[]>> all = new ArrayList<>();
        data.controls().forEach(control -> all.add(new ArrayList<>()));
        for (int from = 0; from < validation.length; from += config.batch()) {
            int[] rows = Arrays.copyOfRange(validation, from, Math.min(validation.length, from + config.batch()));
            Scope.run(() -> Gradients.off(() -> {
                Map<String, NDArray> logits = network.logits(inputs.of(manager, rows));
                for (int k = 0; k < all.size(); k++) {
                    Control control = data.controls().get(k);
                    float[] values =
                            Objects.requireNonNull(logits.get(control.name())).toFloatArray();
                    all.get(k).addAll(split(values, control.classes()));
                }
                return logits;
            }));
        }
        return all;
    }

    private static List<double[]> split(float[] values, int width) {
        List<double[]> rows = new ArrayList<>();
        for (int from = 0; from < values.length; from += width) {
            double[] row = new double[width];
            for (int k = 0; k < width; k++) {
                row[k] = values[from + k];
            }
            rows.add(row);
        }
        return rows;
    }

    /** Sets the temperatures and writes the classifier, the report first and the manifest last. */
    void finish(List<String> lines) {
        TensorFiles.restore(folder.resolve(BEST), Classifier.tensors(weights));
        lines.add(training.length + " images to train on, " + validation.length + " held out; best of " + stop.epoch()
                + " epochs: " + stop.bestEpoch());
        Map<String, Double> temperatures = new TreeMap<>();
        Map<String, Double> numbers = new LinkedHashMap<>();
        List<List<double[]>> logits = validationLogits();
        for (int k = 0; k < data.controls().size(); k++) {
            Control control = data.controls().get(k);
            Calibration calibration = calibration(logits, k);
            double temperature = calibration.temperature();
            temperatures.put(control.name(), temperature);
            ClassifierReport.describe(control, calibration, temperature, lines, numbers);
        }
        AtomicFile.writeText(folder.resolve(ClassifierReport.FILE), String.join(System.lineSeparator(), lines) + "\n");
        LabelledImages.Source source = config.data();
        ClassifierFolder written = new ClassifierFolder(
                folder, data.controls(), temperatures, source.width(), source.height(), inputs.backbone());
        inputs.finish(Classifier.tensors(weights));
        TensorFiles.save(written.weights(), Classifier.tensors(weights), Map.of("format", "pt"));
        written.write(numbers);
    }

    @Override
    public void close() {
        fit.close();
    }
}
