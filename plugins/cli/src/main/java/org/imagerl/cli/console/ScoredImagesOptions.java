package org.imagerl.cli.console;

import java.nio.file.Path;
import org.imagerl.scoring.PairCandidates;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options of the commands that learn from images with their scores. */
public final class ScoredImagesOptions {
    @Parameters(
            index = "0",
            paramLabel = "RESULTS|RUN|FOLDER",
            description = "Results of imagerl score, .csv or .jsonl; or a run, of whose sample grids the images are "
                    + "taken; or a folder of PNG files with the texts prompt and reward, as those of a run.")
    private Path path = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "The folder of the images of results. Default: the one that was scored.")
    private @Nullable Path images;

    @Option(names = "--reward", paramLabel = "NAME", description = "Of results with several rewards.")
    private @Nullable String reward;

    /** What the images were given by. */
    public Path path() {
        return path;
    }

    /** The images with their prompts and scores. */
    public PairCandidates find() {
        return PairCandidates.find(path, images, reward);
    }
}
