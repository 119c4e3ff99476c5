package org.imagerl.training.loop;

import org.imagerl.spi.run.UpdateRule;
import org.imagerl.testkit.UpdateRuleContract;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.optim.EightBitAdamW;

class EightBitAdamWRuleTest extends UpdateRuleContract {

    @Override
    protected UpdateRule create() {
        return new EightBitAdamW(new AdamW.Settings(0.9, 0.95, 1e-8, 0.01, 5));
    }
}
