package org.imagerl.ctrl.control;

import java.util.List;

/**
 * The controls and gammas on which a model is conditioned.
 *
 * @param controls different names
 * @param scales the gammas it is trained with and conditioned on
 * @param learningRateFactor of the embeddings
 * @param guidance of the control beside that of the text; 1 is joint
 * @param loaded whether it comes from an adapter that is trained already
 */
record ControlModel(
        List<Control> controls, ControlScales scales, double learningRateFactor, double guidance, boolean loaded) {

    /** The control of one of its tables {@code control.NAME.weight}; not for names that a user wrote. */
    Control controlOf(String table) {
        return Control.named(table.substring("control.".length(), table.lastIndexOf('.')), controls);
    }
}
