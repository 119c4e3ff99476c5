package org.imagerl.ctrl.control;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.CheckpointOutline;
import org.imagerl.spi.Context;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Conditions a checkpoint on classes (Zhao et al., Adding Conditional Control to Diffusion Models with Reinforcement Learning, 2024, arXiv
 * 2406.12120): a class embedding that is zero at the start, added to the time embedding of a UNet or to the embedding of time and pooled text of
 * a transformer.
 */
public final class ControlAugmentation implements Augmentation {

    /**
     * The settings of the conditioning.
     *
     * @param controls to be trained; none with an adapter, which knows its own
     * @param gammas the control scales that rollouts are made with and the model is conditioned on, so that gamma is a dial at inference; none: one gamma,
     *     the objective's
     * @param gammaRange in their place two numbers: a gamma between them is drawn for every prompt of an epoch, ln gamma uniformly
     * @param learningRateFactor of the embeddings, times the optimiser's learning rate; the published code has 10 to 50
     * @param adapter of a training: a run, its folder or file; null to train a new one
     * @param guidance of the control, as a factor of that of the text; 1 is joint guidance, at half the cost
     */
    public record Config(
            @Nullable List<Control> controls,
            @FormerName("strengths") List<Double> gammas,
            @FormerName("strength_range") List<Double> gammaRange,
            double learningRateFactor,
            @Nullable String adapter,
            double guidance) {
        /** Checks the ranges. */
        public Config {
            if (controls != null && !controls.isEmpty()) {
                Control.checked(controls);
            }
            if (!(learningRateFactor > 0) || !Double.isFinite(learningRateFactor)) {
                throw new IllegalArgumentException("learning_rate_factor must be above 0");
            }
            if (!(guidance >= 0) || !Double.isFinite(guidance)) {
                throw new IllegalArgumentException("guidance must be at least 0");
            }
            ControlScales checked = ControlScales.of(gammas, gammaRange);
            gammas = checked.listed();
            gammaRange = checked.range();
        }

        /** Ten times the learning rate for embeddings, joint guidance. */
        public static Config defaults() {
            return new Config(null, List.of(), List.of(), 10, null, 1);
        }

        /** The controls of the configuration, or those of the adapter. */
        private List<Control> controls(@Nullable ControlAdapter opened) {
            boolean given = controls != null && !controls.isEmpty();
            if (given == (opened != null)) {
                throw UserException.input(
                        given
                                ? "augmentation.controls: must not be given with an adapter, which knows its own"
                                : "augmentation.controls: must have at least one control: {name: compressibility, classes: 4};"
                                        + " or name the adapter of a training");
            }
            return opened == null ? List.copyOf(Objects.requireNonNull(controls)) : opened.controls();
        }
    }

    private final ControlModel model;
    private final @Nullable ControlAdapter adapter;

    /** @throws UserException if the adapter is none */
    public ControlAugmentation(Config config, Context context) {
        adapter = config.adapter() == null
                ? null
                : ControlAdapter.open(context.folder().resolve(config.adapter()));
        model = new ControlModel(
                config.controls(adapter),
                adapter == null ? ControlScales.of(config.gammas(), config.gammaRange()) : adapter.scales(),
                config.learningRateFactor(),
                config.guidance(),
                adapter != null);
    }

    /** For sampling with the adapter of a finished training, with joint guidance. */
    public static ControlAugmentation of(Path adapter) {
        return new ControlAugmentation(
                new Config(
                        null, List.of(), List.of(), 1, adapter.toAbsolutePath().toString(), 1),
                new Context(Path.of("."), "auto", 1, line -> {}));
    }

    @Override
    public void check(CheckpointOutline base, TuningSpec tuning) {
        requireEmbedding(base);
        model.requireTrainable(tuning);
    }

    private static int requireEmbedding(CheckpointOutline base) {
        int width = base.modulationWidth();
        if (width == 0) {
            throw UserException.input(
                    "augmentation: this checkpoint's denoiser has no embedding that a control can be added to");
        }
        return width;
    }

    @Override
    public Pipeline augment(Pipeline base) {
        int width = requireEmbedding(base);
        if (adapter != null) {
            adapter.check(
                    base, ControlTables.shapes(model.controls(), model.scales().conditioned(), width));
        }
        ControlTables tables =
                new ControlTables(model.controls(), model.scales().conditioned(), width, base.manager());
        if (adapter != null) {
            adapter.load(base, tables);
        }
        return new ControlledPipeline(base, model, tables);
    }

    /** Combines each prompt with each class of every control that it does not name itself, and with each listed gamma. */
    @Override
    public List<Prompt> prompts(List<Prompt> prompts) {
        prompts.forEach(model.scales()::logScale); // which refuses gammas that are not trained
        List<Prompt> asked = ClassPrompts.each(prompts, model.controls());
        ClassPrompts.requireFew(
                (long) asked.size() * Math.max(1, model.scales().listed().size()));
        return asked.stream().flatMap(prompt -> withGammas(prompt).stream()).toList();
    }

    private List<Prompt> withGammas(Prompt prompt) {
        if (model.scales().listed().isEmpty() || ControlScale.of(prompt).isPresent()) {
            return List.of(prompt);
        }
        return model.scales().listed().stream()
                .map(gamma -> ClassPrompts.with(
                        prompt, "/strength=" + gamma, Map.of(Control.STRENGTH, Double.toString(gamma))))
                .toList();
    }

    /** Adds a gamma where a range of gammas is trained and the prompt names none. */
    @Override
    public Prompt drawn(Prompt prompt, long seed) {
        return model.scales().drawn(prompt, seed);
    }

    @Override
    public Map<String, String> asked(Prompt prompt) {
        Map<String, String> asked = ClassPrompts.asked(prompt, model.controls());
        ControlScale.of(prompt).ifPresent(gamma -> asked.put(Control.STRENGTH, Double.toString(gamma)));
        return asked;
    }

    @Override
    public List<Path> files() {
        return adapter == null ? List.of() : adapter.files();
    }

    @Override
    public Prompt ask(Prompt prompt, Map<String, String> wishes) {
        model.scales().logScale(prompt); // which refuses gammas that are not trained
        wishes.forEach((name, value) -> {
            if (!name.equals(Control.STRENGTH)) {
                Control.named(name, model.controls()).number(value, "control");
                return;
            }
            double gamma = ControlScale.parse(value, "the control scale gamma");
            model.scales().require(gamma, "the control scale gamma");
            if (!model.scales().conditioned()) {
                throw UserException.input(
                        "the control scale gamma cannot be chosen: the adapter was trained with one; train"
                                + " with `augmentation: {gamma_range: [0.5, 4]}`, or turn the guidance of the control");
            }
        });
        return ClassPrompts.with(prompt, "", wishes);
    }
}
