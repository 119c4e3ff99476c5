package org.imagerl.training.loop;

import org.imagerl.spi.run.UpdateRule;
import org.imagerl.testkit.UpdateRuleContract;
import org.imagerl.toolkit.optim.AdamW;

class AdamWRuleTest extends UpdateRuleContract {

    @Override
    protected UpdateRule create() {
        return new AdamW.Settings(0.9, 0.95, 1e-8, 0.01, 5);
    }
}
