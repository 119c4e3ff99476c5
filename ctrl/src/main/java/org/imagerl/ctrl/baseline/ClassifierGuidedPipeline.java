package org.imagerl.ctrl.baseline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imagerl.ctrl.classifier.Classifiers;
import org.imagerl.ctrl.control.Control;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.parallel.ThreadScopedValue;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.sampling.ForwardingPipeline;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/**
 * Moves the denoiser's output by the gradient {@code g = scale d log p(y | x0-hat(x)) / dx}. With {@code x = alpha x0 + sigma eps} the score
 * grows by g, so the noise becomes {@code eps - sigma g}, the clean latent {@code x0 + sigma^2 / alpha g}, and the output moves by {@code
 * (onX0 sigma^2 / alpha - onEps sigma) g}.
 */
final class ClassifierGuidedPipeline extends ForwardingPipeline {
    private static final String ASKED = "classifier_guidance";

    /** Below this alpha there is no guidance: so little of the clean latents is left that x0-hat is only their mean. */
    private static final double LEAST_ALPHA = 1e-3;

    private final Classifiers classifiers;
    private final double scale;
    private final ThreadScopedValue<Boolean> guiding = new ThreadScopedValue<>(true);

    /** @param classifiers closed with this */
    ClassifierGuidedPipeline(Pipeline base, Classifiers classifiers, double scale) {
        super(base);
        this.classifiers = classifiers;
        this.scale = scale;
    }

    /** The classes as numbers {@code [B, controls]}, -1 where a prompt names none. */
    @Override
    protected Map<String, NDArray> added(NDManager manager, List<Prompt> prompts) {
        List<Control> controls = classifiers.controls();
        float[] classes = new float[prompts.size() * controls.size()];
        for (int i = 0; i < classes.length; i++) {
            Integer klass = controls.get(i % controls.size()).of(prompts.get(i / controls.size()));
            classes[i] = klass == null ? -1 : klass;
        }
        return Map.of(
                ASKED,
                manager.create(classes, new Shape(prompts.size(), controls.size()))
                        .duplicate());
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        Map<String, NDArray> text = new TreeMap<>(conditioning);
        NDArray asked = text.remove(ASKED);
        if (asked == null || !guiding.get()) {
            return base.denoise(latents, timesteps, text);
        }
        if (Gradients.recording()) {
            throw UserException.input("classifier-guidance is for sampling; in a training take the objective untrained,"
                    + " by which it is evaluated");
        }
        List<Prompt> prompts = prompts(asked.toFloatArray(), timesteps.length);
        int[] guided = IntStream.range(0, prompts.size())
                .filter(i -> !prompts.get(i).metadata().isEmpty())
                .filter(i -> at(timesteps[i]).alpha() > LEAST_ALPHA)
                .toArray();
        return guided.length == 0
                ? base.denoise(latents, timesteps, text)
                : Scope.of(() -> guide(latents, timesteps, text, prompts, guided));
    }

    /** Prompts that name a class of every control, or of none. */
    private List<Prompt> prompts(float[] classes, int count) {
        List<Control> controls = classifiers.controls();
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (int k = 0; k < controls.size(); k++) {
                int klass = (int) classes[i * controls.size() + k];
                if (klass >= 0) {
                    fields.put(controls.get(k).name(), Integer.toString(klass));
                }
            }
            if (!fields.isEmpty() && fields.size() < controls.size()) {
                throw UserException.input("a prompt names only some of the classifiers' controls, " + fields.keySet()
                        + "; name all, or give the classifiers of these alone");
            }
            prompts.add(new Prompt(Integer.toString(i), "", fields));
        }
        return prompts;
    }

    @Override
    public Tuning tune(TuningSpec spec, long seed) {
        return new GuidedTuning(super.tune(spec, seed), this::unguided);
    }

    private <T> T unguided(Supplier<T> body) {
        return guiding.with(false, body);
    }

    private AlphaSigma at(double timestep) {
        ImageSize size = base.defaultSize();
        Schedule schedule = base.schedule(size.width(), size.height());
        return schedule.at(timestep);
    }

    private NDArray guide(
            NDArray latents, double[] timesteps, Map<String, NDArray> text, List<Prompt> prompts, int... guided) {
        NDArray[] output = new NDArray[1];
        NDArray gradient = Gradients.record(recording -> {
            NDArray x = latents.stopGradient();
            x.setRequiresGradient(true);
            NDArray said = base.denoise(x, timesteps, text);
            output[0] = said.stopGradient();
            NDArray clean = rows(clean(x, said, timesteps), guided);
            List<Prompt> asking = IntStream.of(guided).mapToObj(prompts::get).toList();
            recording.backward(
                    classifiers.logLikelihood(base.decode(clean), asking).sum());
            return x.getGradient();
        });
        double[] factors = new double[timesteps.length];
        for (int i : guided) {
            AlphaSigma n = at(timesteps[i]);
            factors[i] = scale * (n.onX0() * n.sigma() * n.sigma() / n.alpha() - n.onEps() * n.sigma());
        }
        return output[0].add(gradient.mul(PerSample.onLatents(gradient, factors)));
    }

    /** x0-hat: {@code (onEps x - sigma o) / (alpha onEps - sigma onX0)}. */
    private NDArray clean(NDArray x, NDArray output, double... timesteps) {
        double[] onX = new double[timesteps.length];
        double[] onOutput = new double[timesteps.length];
        for (int i = 0; i < timesteps.length; i++) {
            AlphaSigma n = at(timesteps[i]);
            double whole = n.alpha() * n.onEps() - n.sigma() * n.onX0();
            onX[i] = n.onEps() / whole;
            onOutput[i] = -n.sigma() / whole;
        }
        return PerSample.mixed(x, onX, output, onOutput);
    }

    private static NDArray rows(NDArray array, int... rows) {
        // Native storage, because the graph of a selection keeps its indices.
        return array.get(array.getManager()
                .create(IntStream.of(rows).asLongStream().toArray())
                .duplicate());
    }

    @Override
    public void close() {
        classifiers.close();
        super.close();
    }
}
