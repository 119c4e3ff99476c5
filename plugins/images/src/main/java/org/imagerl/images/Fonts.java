package org.imagerl.images;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Whether this machine has fonts, as slim container images do not. Without them Java2D draws everything but letters; at the first
 * letter it throws, by version and cause, a RuntimeException, a LinkageError, an InternalError or a plain Error.
 */
public final class Fonts {
    /** What to do where there are none. */
    public static final String REMEDY = "install fonts (for instance: apt install fontconfig fonts-dejavu-core)";

    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private Fonts() {}

    /** Looked for once, when they are first needed: it takes a while. */
    private static final class Holder {
        @SuppressWarnings("StaticAssignmentOfThrowable") // it is said, never thrown again
        static final @Nullable Throwable MISSING = missing();
    }

    private static @Nullable Throwable missing() {
        try {
            Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
            font.createGlyphVector(new FontRenderContext(null, true, true), "Ag 0")
                    .getOutline();
            return null;
        } catch (RuntimeException | Error e) {
            if (e instanceof OutOfMemoryError || e instanceof StackOverflowError) {
                throw e;
            }
            return e;
        }
    }

    /** Whether letters can be drawn. */
    public static boolean found() {
        return Holder.MISSING == null;
    }

    /**
     * Says, once in the life of the process, that images are drawn without letters, if they are.
     *
     * @param warnings gets at most one line
     */
    public static void warnIfMissing(Consumer<String> warnings) {
        if (!found() && WARNED.compareAndSet(false, true)) {
            warnings.accept(
                    "warning: this machine has no fonts: grids and charts are drawn without captions; " + REMEDY);
        }
    }

    /**
     * Makes sure that letters can be drawn.
     *
     * @param purpose what they are for, for the message: {@code to paint words with}
     * @throws UserException if they cannot
     */
    public static void require(String purpose) {
        Throwable missing = Holder.MISSING;
        if (missing != null) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "Java finds no fonts " + purpose + " (" + missing.getMessage() + "); " + REMEDY,
                    missing);
        }
    }
}
