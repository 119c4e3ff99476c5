package org.imagerl.training.loop;

import org.imagerl.spi.run.UpdateRule;
import org.imagerl.testkit.UpdateRuleContract;
import org.imagerl.toolkit.optim.HessianAidedGradient;

class HessianAidedGradientRuleTest extends UpdateRuleContract {

    @Override
    protected UpdateRule create() {
        return new HessianAidedGradient.Settings(null, 0.7, 0.5);
    }
}
