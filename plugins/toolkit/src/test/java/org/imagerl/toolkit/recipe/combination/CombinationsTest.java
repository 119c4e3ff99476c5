package org.imagerl.toolkit.recipe.combination;

import java.util.List;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.testkit.RewardCombinationContract;
import org.imagerl.toolkit.recipe.DecoupledAdvantage;
import org.imagerl.toolkit.recipe.WeightedSum;
import org.junit.jupiter.api.Nested;

/** Every combination of rewards keeps its contract. */
class CombinationsTest {
    @Nested
    class Sum extends RewardCombinationContract {
        @Override
        protected RewardCombination create() {
            return new WeightedSum();
        }
    }

    @Nested
    class Gdpo extends RewardCombinationContract {
        @Override
        protected RewardCombination create() {
            return new DecoupledAdvantage();
        }
    }

    @Nested
    class Tail extends RewardCombinationContract {
        @Override
        protected RewardCombination create() {
            return new TailRisk(new TailRisk.Config(0.5));
        }
    }

    @Nested
    class Target extends RewardCombinationContract {
        @Override
        protected RewardCombination create() {
            return new Utility(new Utility.Config(Utility.Kind.TARGET, 0.4, 0.5, 0.1));
        }
    }

    @Nested
    class Band extends RewardCombinationContract {
        @Override
        protected RewardCombination create() {
            return new DiversityBand(new DiversityBand.Config("diversity", 0.8, 1.2));
        }

        @Override
        protected List<String> names() {
            return List.of("ocr", "diversity");
        }
    }
}
