package org.imagerl.toolkit.sampling;

import java.util.function.Function;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;

/**
 * Samples that begin with images.
 *
 * @param strength share of the steps that are made, above 0 and at most 1
 * @param of the image of a prompt, with this strength
 */
public record ImageStarts(double strength, Function<Prompt, ImageStart> of) {

    /**
     * The steps that are made.
     *
     * @param whole the kernel of all steps
     * @param steps their number
     * @throws org.imagerl.spi.UserException if there are none
     */
    public TransitionKernel last(TransitionKernel whole, Schedule schedule, int steps) {
        return DerivedKernel.of(whole, schedule, steps, strength);
    }
}
