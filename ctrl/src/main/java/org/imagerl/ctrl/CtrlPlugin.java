package org.imagerl.ctrl;

import java.util.List;
import org.imagerl.ctrl.baseline.ClassifierGuidance;
import org.imagerl.ctrl.baseline.SupervisedObjective;
import org.imagerl.ctrl.baseline.Untrained;
import org.imagerl.ctrl.classifier.ClassifierFactory;
import org.imagerl.ctrl.classifier.LikelihoodReward;
import org.imagerl.ctrl.classifier.MatchReward;
import org.imagerl.ctrl.control.ControlAugmentation;
import org.imagerl.ctrl.objective.CentredAdvantage;
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
import org.imagerl.toolkit.recipe.SimpleFactory;

/** CTRL. */
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
                        "class embeddings beside the prompt (CTRL)",
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
                        "log-likelihood of a class less the divergence of the path, through the sampler",
                        PathObjective.Config.defaults(),
                        PathObjective::new),
                ContextFactory.of(
                        "ctrl-supervised",
                        "plain denoising of labelled pictures, the baseline of ctrl",
                        SupervisedObjective.Config.defaults(),
                        SupervisedObjective::new),
                SimpleFactory.of("untrained", "no gradient: what needs no training, to be evaluated", Untrained::new));
    }

    @Override
    public List<Factory<? extends Advantage, ?>> advantages() {
        return List.of(SimpleFactory.of(
                "centred",
                "less the mean of the prompt's other pictures, in the reward's unit",
                CentredAdvantage::new));
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(
                ContextFactory.of(
                        "control-likelihood",
                        "log p(y | x) of the classes that the prompt asks for, by a trained classifier",
                        LikelihoodReward.Config.defaults(),
                        LikelihoodReward::new),
                ContextFactory.of(
                        "control-match",
                        "1 if the picture is of the class that the prompt asks for, by a reward and thresholds",
                        MatchReward.Config.defaults(),
                        MatchReward::new));
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
