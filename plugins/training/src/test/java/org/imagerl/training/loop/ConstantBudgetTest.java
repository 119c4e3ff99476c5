package org.imagerl.training.loop;

import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.testkit.RolloutBudgetContract;
import org.imagerl.toolkit.run.ConstantBudget;

class ConstantBudgetTest extends RolloutBudgetContract {

    @Override
    protected RolloutBudget create() {
        return new ConstantBudget();
    }
}
