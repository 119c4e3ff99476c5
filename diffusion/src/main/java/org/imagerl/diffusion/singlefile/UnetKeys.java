package org.imagerl.diffusion.singlefile;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.imagerl.toolkit.original.OriginalKey;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.original.SgmNames;

/** The names of a UNet's weights in Stability AI's own code. */
final class UnetKeys implements OriginalLayout {
    private final SgmNames names;

    /** @param declared the weights of the UNet */
    UnetKeys(Map<String, Shape> declared) {
        names = new SgmNames(
                declared.keySet().stream().map(UnetKeys::layer).distinct().toList());
    }

    @Override
    public OriginalKey of(String key) {
        String layer = layer(key);
        return OriginalKey.of(names.of(layer).orElse(layer) + key.substring(layer.length()));
    }

    private static String layer(String key) {
        return key.substring(0, Math.max(0, key.lastIndexOf('.')));
    }
}
