package org.imagerl.ctrl.classifier;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.ctrl.Tiny;
import org.imagerl.spi.Reward;
import org.imagerl.testkit.RewardContract;
import org.junit.jupiter.api.io.TempDir;

class LikelihoodRewardTest extends RewardContract {

    @TempDir
    private static Path folder;

    @Override
    protected Reward create() {
        if (!Files.exists(folder.resolve("classifier"))) {
            TinyClassifier.train(folder, 8, 1);
        }
        return new LikelihoodReward(new LikelihoodReward.Config("classifier", false), Tiny.context(folder));
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(Tiny.picture(8, 8, 20, 1), ClassifierTrainingTest.asking(0)),
                new Example(Tiny.picture(8, 8, 120, 2), ClassifierTrainingTest.asking(1)),
                new Example(Tiny.picture(8, 8, 220, 3), ClassifierTrainingTest.asking(0)));
    }
}
