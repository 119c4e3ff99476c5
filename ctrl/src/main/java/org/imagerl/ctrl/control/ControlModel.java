package org.imagerl.ctrl.control;

import java.util.List;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;

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

    /**
     * Makes sure that it can be trained.
     *
     * @throws UserException if not, with the remedy
     */
    void requireTrainable(TuningSpec tuning) {
        if (loaded) {
            throw UserException.input(
                    "augmentation.adapter: a checkpoint with a control adapter is for sampling: its adapter is merged"
                            + " into the weights; train from the checkpoint alone, or resume the run");
        }
        if (!(tuning instanceof TuningSpec.Lora)) {
            throw UserException.input("tuning.type: a control is trained with adapters; make it lora");
        }
    }

    /** The control of one of its tables {@code control.NAME.weight}; not for names that a user wrote. */
    Control controlOf(String table) {
        return Control.named(table.substring("control.".length(), table.lastIndexOf('.')), controls);
    }
}
