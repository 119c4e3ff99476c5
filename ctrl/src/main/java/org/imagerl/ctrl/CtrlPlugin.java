package org.imagerl.ctrl;

import java.util.List;
import org.imagerl.ctrl.control.ControlAugmentation;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;

/** CTRL. */
public final class CtrlPlugin implements Plugin {

    @Override
    public String name() {
        return "ctrl";
    }

    @Override
    public List<Factory<? extends Augmentation, ?>> augmentations() {
        return List.of(ControlAugmentation.factory());
    }
}
