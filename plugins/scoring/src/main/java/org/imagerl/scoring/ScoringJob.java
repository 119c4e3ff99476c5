package org.imagerl.scoring;

import java.nio.file.Path;

/**
 * Images that were found, and what scores them.
 *
 * @param found the images
 * @param place where they are, for the header of results
 * @param executor scores them, until this is closed
 * @param memory what is given back then
 */
public record ScoringJob(FoundImages found, String place, ScoringExecutor executor, Runnable memory)
        implements AutoCloseable {

    /** Of images on this machine's disk, scored by this process. */
    public static ScoringJob here(String place, ImageFinder.Request request, Tables tables) {
        return new ScoringJob(
                ImageFinder.look(Path.of(place), request, tables),
                ScoringRun.Options.place(Path.of(place)),
                ScoringExecutor.HERE,
                () -> {});
    }

    @Override
    public void close() {
        memory.run();
    }
}
