package org.imagerl.toolkit.recipe.selection;

import org.imagerl.spi.Selection;
import org.imagerl.testkit.SelectionContract;
import org.imagerl.toolkit.recipe.SelectAll;
import org.junit.jupiter.api.Nested;

/** Every selection keeps its contract. */
class SelectionContractsTest {
    @Nested
    class All extends SelectionContract {
        @Override
        protected Selection create() {
            return new SelectAll();
        }
    }

    @Nested
    class Ends extends SelectionContract {
        @Override
        protected Selection create() {
            return new BestWorst(new BestWorst.Config(1, 1));
        }
    }

    @Nested
    class Draws extends SelectionContract {
        @Override
        protected Selection create() {
            return new BestRandom(new BestRandom.Config(2, 0.4, 0.1));
        }
    }

    @Nested
    class VarianceOfTheEpoch extends SelectionContract {
        @Override
        protected Selection create() {
            return MaxVariance.ofEpoch(new MaxVariance.Config(0.5, null));
        }
    }

    @Nested
    class VarianceOfGroups extends SelectionContract {
        @Override
        protected Selection create() {
            return MaxVariance.ofGroups(new MaxVariance.Config(0.5, null));
        }
    }
}
