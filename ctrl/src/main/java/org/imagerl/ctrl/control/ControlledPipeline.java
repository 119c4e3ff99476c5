package org.imagerl.ctrl.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.sampling.ForwardingPipeline;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * A checkpoint that is conditioned on classes beside the prompt: their embeddings are added to the modulation of the
 * blocks of its denoiser, the time embedding of a UNet. A prompt without class adds nothing, and the checkpoint is
 * unchanged to the bit.
 *
 * <p>Guidance leads from the negative prompt without class to the prompt with its class, both at once. With a guidance w of the control's
 * own the denoiser's output for a prompt with class is
 *
 * <pre>
 * o(prompt, none) + w (o(prompt, class) - o(prompt, none))
 * </pre>
 *
 * so that with a text guidance s the control is guided by s w.
 */
final class ControlledPipeline extends ForwardingPipeline {
    private final ControlModel model;
    private final ControlTables tables;

    /** @param tables closed with this */
    ControlledPipeline(Pipeline base, ControlModel model, ControlTables tables) {
        super(base);
        this.model = model;
        this.tables = tables;
    }

    /** A choice of rows for every table. */
    @Override
    protected Map<String, NDArray> added(NDManager manager, List<Prompt> prompts) {
        Map<String, NDArray> conditioning = new TreeMap<>();
        tables.rows().forEach((name, table) -> conditioning.put(name, choice(manager, name, table, prompts)));
        return conditioning;
    }

    private NDArray choice(NDManager manager, String name, NDArray table, List<Prompt> prompts) {
        Control control = model.controlOf(name);
        int classes = (int) table.getShape().get(0);
        float[] chosen = new float[prompts.size() * classes];
        for (int i = 0; i < prompts.size(); i++) {
            Integer asked = control.of(prompts.get(i));
            if (asked != null) {
                chosen[i * classes + asked] =
                        name.endsWith(".strength") ? (float) model.scales().logScale(prompts.get(i)) : 1;
            }
        }
        return manager.create(chosen, new Shape(prompts.size(), classes)).duplicate();
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        Map<String, NDArray> text = new TreeMap<>(conditioning);
        Map<String, NDArray> chosen = new TreeMap<>(conditioning);
        text.keySet().removeIf(ControlTables::owns);
        chosen.keySet().removeIf(name -> !ControlTables.owns(name));
        NDArray modulation = tables.modulation(chosen);
        if (modulation == null) {
            return base.denoise(latents, timesteps, text);
        }
        Map<String, NDArray> all = new TreeMap<>(text);
        all.put(MODULATION, modulation);
        NDArray controlled = base.denoise(latents, timesteps, all);
        double guidance = model.guidance();
        if (guidance == 1) {
            return controlled;
        }
        return Kernels.combine(base.denoise(latents, timesteps, text), 1 - guidance, controlled, guidance);
    }

    @Override
    public Tuning tune(TuningSpec spec, long seed) {
        model.requireTrainable(spec);
        return new ControlledTuning(base.tune(spec, seed), model, tables, base.fingerprint());
    }

    @Override
    public Map<String, String> summary() {
        Map<String, String> summary = new TreeMap<>(base.summary());
        List<String> names = new ArrayList<>();
        model.controls().forEach(control -> names.add(control.name() + " in " + control.classes() + " classes"));
        summary.put("controls", String.join(", ", names));
        return summary;
    }

    @Override
    public void save(Path folder, String dtype) {
        throw noPlace("the diffusers layout");
    }

    @Override
    public void saveSingleFile(Path file, String dtype) {
        throw noPlace("a single file");
    }

    private static UserException noPlace(String layout) {
        return UserException.input("a checkpoint with a control has no place for its embeddings in " + layout
                + "; keep the checkpoint and the adapter");
    }

    @Override
    public void close() {
        tables.close();
        super.close();
    }
}
