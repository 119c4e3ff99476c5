package org.imagerl.training.config;

import java.util.function.Consumer;
import org.imagerl.config.Problems;
import org.imagerl.config.registry.Registry;

/**
 * A configuration and the parts that were made from it, which satisfy all rules. The code that runs it closes it.
 *
 * @param effective the configuration
 * @param parts made from it
 */
public record PreparedRun(EffectiveConfig effective, RunParts parts) implements AutoCloseable {

    /**
     * Makes and checks the parts of a configuration.
     *
     * @param lines takes lines for the user, one at a time
     * @throws org.imagerl.spi.UserException with all problems
     */
    public static PreparedRun of(EffectiveConfig effective, Registry registry, Consumer<String> lines) {
        return of(effective, registry, lines, true);
    }

    /** @param filesThere whether what parts are made from must be there; else a part that cannot be made is not looked at */
    static PreparedRun of(EffectiveConfig effective, Registry registry, Consumer<String> lines, boolean filesThere) {
        Consumer<String> warnings = oneAtATime(lines);
        Problems problems = new Problems();
        RunConfig config = effective.config();
        RunParts parts = RunParts.make(config, config.context(warnings, registry), (path, e) -> {
            if (filesThere) {
                problems.add(effective.place(path), path, String.valueOf(e.getMessage()));
            }
        });
        try {
            Rules.check(effective, parts, problems);
            problems.throwIfAny();
            return new PreparedRun(effective, parts);
        } catch (RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    /** Workers warn, too: what takes their lines is called by one of them at a time. */
    public static Consumer<String> oneAtATime(Consumer<String> lines) {
        return line -> {
            synchronized (lines) {
                lines.accept(line);
            }
        };
    }

    /** The configuration. */
    public RunConfig config() {
        return effective.config();
    }

    @Override
    public void close() {
        parts.close();
    }
}
