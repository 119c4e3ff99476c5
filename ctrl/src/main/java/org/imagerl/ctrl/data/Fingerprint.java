package org.imagerl.ctrl.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.ImageFiles;
import org.imagerl.spi.Context;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Sha256;

/** A hash of the labelled images: names and sizes of the files, and the tables of labels to the bit. */
public final class Fingerprint {
    private Fingerprint() {}

    /**
     * A SHA-256 in hexadecimal. An image that was changed but has as many bytes as before does not change it: to read all of
     * them would take as long as to train on them.
     */
    public static String of(LabelledImages.Source source, Context context) {
        Path folder = context.folder().resolve(source.folder());
        LabelReader.requireFolder(folder);
        boolean subFolders = source.labels().stream().anyMatch(Labels.Folders.class::isInstance);
        StringBuilder text = new StringBuilder();
        for (Path file : images(folder, subFolders ? 2 : 1)) {
            text.append(size(file)).append(' ').append(folder.relativize(file)).append('\n');
        }
        if (source.exifOrientation() == ExifOrientation.APPLY) {
            text.append("turned by EXIF orientation\n");
        }
        source.tables(context).forEach(table -> text.append(Sha256.of(table)).append('\n'));
        return Sha256.ofText(text.toString());
    }

    private static List<Path> images(Path folder, int depth) {
        try (Stream<Path> files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(file -> Files.isRegularFile(file) && ImageFiles.single(file))
                    .filter(file -> !ofSystem(folder.relativize(file)))
                    .filter(file -> folder.relativize(file).getNameCount() == depth)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        } catch (UncheckedIOException e) { // below the folder
            throw IoProblems.reading(folder, Objects.requireNonNull(e.getCause()));
        }
    }

    private static boolean ofSystem(Path relative) {
        for (Path part : relative) {
            if (FolderListing.ofSystem(part)) {
                return true;
            }
        }
        return false;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }
}
