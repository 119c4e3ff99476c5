package org.imagerl.toolkit.lora.files;

import java.util.List;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.lora.LoraLayout;

/** The built-in layouts of adapters. */
public final class LoraPlugin implements Plugin {

    @Override
    public String name() {
        return "lora";
    }

    @Override
    public List<LoraLayout> loraLayouts() {
        return List.of(new DiffusersLayout(), new KohyaLayout(), new PeftLayout());
    }
}
