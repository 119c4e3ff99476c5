package org.imagerl.host.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.imagerl.spi.io.Nearest;

/** Where a key that is none was probably meant to go: beside it, elsewhere in the configuration, or as another tool names it. */
final class KeyHints {
    /** Names of ddpo-pytorch, TRL, Flow-GRPO, Flow-Factory and the trainers of diffusers, without underscores, and ours. */
    private static final Map<String, String> OTHER_TOOLS = Map.ofEntries(
            Map.entry("lr", "optimiser.learning_rate"),
            Map.entry("trainlearningrate", "optimiser.learning_rate"),
            Map.entry("lrscheduler", "optimiser.schedule"),
            Map.entry("optimizer", "optimiser"),
            Map.entry("trainbatchsize", "optimiser.micro_batch"),
            Map.entry("batchsize", "rollout.batch_size"),
            Map.entry("samplebatchsize", "rollout.batch_size"),
            Map.entry("gradientaccumulationsteps", "optimiser.updates_per_epoch"),
            Map.entry("gradientcheckpointing", "memory.checkpointing"),
            Map.entry("maxgradnorm", "optimiser.max_grad_norm"),
            Map.entry("numinnerepochs", "optimiser.inner_epochs"),
            Map.entry("numepochs", "epochs"),
            Map.entry("numtrainepochs", "epochs"),
            Map.entry("maxtrainsteps", "epochs"),
            Map.entry("steps", "rollout.steps"),
            Map.entry("numsteps", "rollout.steps"),
            Map.entry("numinferencesteps", "rollout.steps"),
            Map.entry("guidancescale", "rollout.guidance"),
            Map.entry("cfg", "rollout.guidance"),
            Map.entry("cfgscale", "rollout.guidance"),
            Map.entry("negative", "rollout.negative_prompt"),
            Map.entry("groupsize", "rollout.samples_per_prompt"),
            Map.entry("numgenerations", "rollout.samples_per_prompt"),
            Map.entry("resolution", "rollout.width"),
            Map.entry("eta", "rollout.dynamics.eta"),
            Map.entry("noiselevel", "rollout.dynamics.noise_level"),
            Map.entry("cliprange", "algorithm.trust_region.range"),
            Map.entry("advclipmax", "algorithm.max_advantage"),
            Map.entry("beta", "algorithm.penalty"),
            Map.entry("lora", "tuning"),
            Map.entry("lorarank", "tuning.rank"),
            Map.entry("loraalpha", "tuning.alpha"),
            Map.entry("targetmodules", "tuning.targets"),
            Map.entry("model", "checkpoint"),
            Map.entry("pretrainedmodel", "checkpoint"),
            Map.entry("pretrainedmodelnameorpath", "checkpoint"),
            Map.entry("mixedprecision", "dtype"),
            Map.entry("rewardfn", "rewards"),
            Map.entry("rewardfunction", "rewards"),
            Map.entry("promptfn", "prompts"),
            Map.entry("dataset", "prompts"),
            Map.entry("outputdir", "run.folder"),
            Map.entry("logdir", "run.folder"),
            Map.entry("savesteps", "run.save_every"),
            Map.entry("savefreq", "run.save_every"),
            Map.entry("evalfreq", "run.evaluate_every"),
            Map.entry("numcheckpointlimit", "run.keep_last"));

    private KeyHints() {}

    /**
     * What to say behind "is not a key".
     *
     * @param known the keys that may stand there
     * @param whole the record of the whole file
     */
    static String of(String key, Set<String> known, Class<?> whole) {
        String beside = Nearest.hint(key, known);
        if (!beside.isEmpty()) {
            return beside;
        }
        List<String> elsewhere = new ArrayList<>();
        collect(whole, key, "", elsewhere);
        String foreign = whole == RunConfig.class ? OTHER_TOOLS.get(folded(key)) : null;
        if (elsewhere.isEmpty() && foreign != null) {
            elsewhere.add(foreign);
        }
        if (!elsewhere.isEmpty()) {
            return "; did you mean " + String.join(" or ", elsewhere) + "?";
        }
        return known.isEmpty() ? "; there are no keys here" : "; the keys here are " + String.join(", ", known);
    }

    /** The paths in a record whose last key is the same word. */
    private static void collect(Class<?> type, String key, String path, List<String> found) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = Words.path(path, Words.snake(component.getName()));
            if (folded(Words.snake(component.getName())).equals(folded(key))) {
                found.add(name);
            } else if (component.getType().isRecord() && !Types.isPart(component.getType())) {
                collect(component.getType(), key, name, found);
            }
        }
    }

    private static String folded(String key) {
        return key.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
    }
}
