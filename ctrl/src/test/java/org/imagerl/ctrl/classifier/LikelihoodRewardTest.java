package org.imagerl.ctrl.classifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.ctrl.Tiny;
import org.imagerl.spi.Reward;
import org.imagerl.testkit.RewardContract;

class LikelihoodRewardTest extends RewardContract {

    @Override
    protected Reward create() {
        try {
            Path folder = Files.createTempDirectory("classifier");
            TinyClassifier.train(folder, 8, 1);
            return new LikelihoodReward(new LikelihoodReward.Config("classifier"), Tiny.context(folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(Tiny.picture(8, 8, 20, 1), ClassifierTrainingTest.asking(0)),
                new Example(Tiny.picture(8, 8, 120, 2), ClassifierTrainingTest.asking(1)),
                new Example(Tiny.picture(8, 8, 220, 3), ClassifierTrainingTest.asking(0)));
    }
}
