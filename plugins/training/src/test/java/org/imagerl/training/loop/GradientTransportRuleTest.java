package org.imagerl.training.loop;

import org.imagerl.spi.run.UpdateRule;
import org.imagerl.testkit.UpdateRuleContract;
import org.imagerl.toolkit.optim.GradientTransport;

class GradientTransportRuleTest extends UpdateRuleContract {

    @Override
    protected UpdateRule create() {
        return new GradientTransport.Settings(null, 0.7, 0.5);
    }
}
