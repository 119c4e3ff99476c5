package org.imagerl.ctrl;

import java.util.List;
import org.imagerl.ctrl.baseline.ClassifierGuidance;
import org.imagerl.ctrl.baseline.NoOpObjective;
import org.imagerl.ctrl.baseline.SupervisedObjective;
import org.imagerl.ctrl.classifier.ClassAccuracyReward;
import org.imagerl.ctrl.classifier.ClassifierFactory;
import org.imagerl.ctrl.classifier.LikelihoodReward;
import org.imagerl.ctrl.control.ControlAugmentation;
import org.imagerl.ctrl.objective.CtrlPresets;
import org.imagerl.ctrl.objective.PathObjective;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Reward;
import org.imagerl.toolkit.recipe.ContextFactory;
import org.imagerl.toolkit.recipe.SimpleFactory;
import org.imagerl.toolkit.recipe.advantage.RlooAdvantage;

/** The plugin of CTRL. */
public final class CtrlPlugin implements Plugin {

    @Override
    public String name() {
        return "ctrl";
    }

    @Override
    public List<Factory<? extends Augmentation, ?>> augmentations() {
        return List.of(
                ContextFactory.of(
                        "control",
                        "conditions on a class beside the prompt, by class embeddings (CTRL)",
                        ControlAugmentation.Config.defaults(),
                        ControlAugmentation::new),
                ContextFactory.of(
                        "classifier-guidance",
                        "the gradient of a classifier in every step of sampling, without training",
                        ClassifierGuidance.Config.defaults(),
                        ClassifierGuidance::new));
    }

    @Override
    public List<Factory<? extends Objective, ?>> objectives() {
        return List.of(
                ContextFactory.of(
                        "ctrl",
                        "log-likelihood of a class minus the path KL, by back-propagation through the sampler",
                        PathObjective.Config.defaults(),
                        PathObjective::new),
                ContextFactory.of(
                        "ctrl-supervised",
                        "plain denoising of labelled images, the baseline of ctrl",
                        SupervisedObjective.Config.defaults(),
                        SupervisedObjective::new),
                SimpleFactory.of("untrained", "no gradient: evaluates what needs no training", NoOpObjective::new));
    }

    @Override
    public List<Factory<? extends Advantage, ?>> advantages() {
        return List.of(SimpleFactory.of(
                "centred", "the former name of rloo, for configurations of earlier versions", RlooAdvantage::new));
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(
                ContextFactory.of(
                        "control-likelihood",
                        "log p(y | x) of the classes in the prompt's fields, by a trained classifier",
                        LikelihoodReward.Config.defaults(),
                        LikelihoodReward::new),
                ContextFactory.of(
                        "control-match",
                        "1 if the image has the class in the prompt's field, by a reward and thresholds",
                        ClassAccuracyReward.Config.defaults(),
                        ClassAccuracyReward::new));
    }

    @Override
    public List<Factory<? extends Pretraining, ?>> pretrainings() {
        return List.of(new ClassifierFactory());
    }

    @Override
    public List<Preset> presets() {
        return CtrlPresets.all();
    }
}
