package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.jspecify.annotations.Nullable;

/** The images that a file of results is of, found as they were when they were scored. */
public final class ScoredImages {
    private final Path scores;
    private final ListedFiles files;

    private ScoredImages(Path scores, ListedFiles files) {
        this.scores = scores;
        this.files = files;
    }

    /**
     * The images of some results.
     *
     * @throws UserException if nothing says where they are
     */
    public static ScoredImages of(Path scores) {
        return of(scores, null);
    }

    /**
     * The images of some results.
     *
     * @param place their folder or list; null is the one that was scored
     * @throws UserException if nothing says where they are
     */
    static ScoredImages of(Path scores, @Nullable Path place) {
        ScoreHeader header = place == null ? ScoreHeader.read(scores) : null;
        if (header == null && place == null) {
            throw UserException.input(ScoreHeader.file(scores)
                    + ": is not there, so it is not known where the images are; score them again");
        }
        Path source = place == null ? Objects.requireNonNull(header).source() : place;
        Path folder = Files.isDirectory(source) ? source : source.resolveSibling(".");
        return new ScoredImages(scores, new ListedFiles(folder, folder.resolve("list"), true));
    }

    /**
     * The file of a row.
     *
     * @param name {@code file_name} of the row
     * @throws UserException if there is none
     */
    public Path find(String name) {
        Path file = files.find(name, problem -> {
            throw UserException.input(scores + ": file_name " + problem);
        });
        BoundedFile.requireRegular(Objects.requireNonNull(file));
        return file;
    }
}
