package org.imagerl.training.config;

import org.imagerl.config.Problems;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Where rules report what does not hold.
 *
 * @param effective says where each key was given
 * @param problems takes what is wrong
 */
record RuleReport(EffectiveConfig effective, Problems problems) {
    /** Reports what a part itself finds. */
    void checked(String path, Runnable check) {
        try {
            check.run();
        } catch (UserException e) {
            problem(path, String.valueOf(e.getMessage()));
        }
    }

    /** Reports a key. */
    void problem(String path, String message) {
        problems.add(effective.place(path), path, message);
    }

    /** Reports a key with its value. */
    void problem(String path, String message, Object value) {
        problems.add(effective.place(path), path, message, value.toString());
    }

    /** The name of a part, {@code none} without one. */
    static String type(@Nullable BoundPart<?> part) {
        return part == null ? "none" : part.type();
    }
}
