package org.imagerl.toolkit.lora.files;

import java.util.List;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.testkit.LoraLayoutContract;
import org.imagerl.toolkit.safetensors.SafetensorsFiles;

class PeftLayoutTest extends LoraLayoutContract {
    @Override
    protected LoraLayout create() {
        return new PeftLayout();
    }

    @Override
    protected List<LoraLayout> others() {
        return new LoraPlugin().loraLayouts();
    }

    @Override
    protected TensorFiles files() {
        return new SafetensorsFiles();
    }
}
