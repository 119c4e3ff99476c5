package org.imagerl.flow.singlefile;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Optional;
import org.imagerl.toolkit.lora.files.JointNames;
import org.imagerl.toolkit.lora.files.JointNames.Place;
import org.imagerl.toolkit.original.OriginalKey;
import org.imagerl.toolkit.original.OriginalKey.Form;
import org.imagerl.toolkit.original.OriginalLayout;

/**
 * The names of a transformer's weights in the code of SD3 and of FLUX: queries, keys and values are one tensor; scale
 * and shift of the last norm are in the opposite order.
 *
 * @param declared the weights of the transformer
 */
record JointKeys(JointNames names, Map<String, Shape> declared) implements OriginalLayout {
    private static final String POSITIONS = "pos_embed.pos_embed";

    @Override
    public OriginalKey of(String key) {
        if (key.equals(POSITIONS)) {
            return OriginalKey.of("pos_embed");
        }
        int dot = key.lastIndexOf('.');
        String layer = key.substring(0, Math.max(0, dot));
        Optional<Place> place = names.of(layer);
        return place.map(found -> of(found, layer, key.substring(dot + 1))).orElse(OriginalKey.of(key));
    }

    private OriginalKey of(Place place, String layer, String weight) {
        Shape matrix = declared.getOrDefault(layer + ".weight", new Shape(0));
        boolean swapped = matrix.dimension() == 2 && place.halvesSwapped(matrix.get(1), matrix.get(0));
        // FLUX calls the weights of its norms of queries and keys so.
        boolean scale = place.layer().endsWith(".query_norm") || place.layer().endsWith(".key_norm");
        return new OriginalKey(
                place.layer() + "." + (scale ? "scale" : weight),
                place.part(),
                swapped ? Form.HALVES_SWAPPED : Form.SAME);
    }
}
