package org.imagerl.ctrl.control;

import java.util.List;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;

/**
 * What a model is told.
 *
 * @param controls different names
 * @param strengths the gammas it is trained with and told
 * @param learningRateFactor of the embeddings
 * @param guidance of the control beside that of the text; 1 is joint
 * @param loaded whether it comes from an adapter that is trained already
 */
record ControlModel(
        List<Control> controls, Strengths strengths, double learningRateFactor, double guidance, boolean loaded) {

    /** The control of the name, or of one of its tables {@code control.NAME.weight}. */
    Control controlOf(String table) {
        String name = table.startsWith("control.") ? table.substring(8, table.lastIndexOf('.')) : table;
        List<String> names = controls.stream().map(Control::name).toList();
        return controls.stream()
                .filter(control -> control.name().equals(name))
                .findFirst()
                .orElseThrow(() -> UserException.input("there is no control named " + name + Nearest.hint(name, names)
                        + " (known: " + String.join(", ", names) + ")"));
    }
}
