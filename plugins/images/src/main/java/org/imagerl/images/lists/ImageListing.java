package org.imagerl.images.lists;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.imagerl.images.ImageFiles;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.text.Count;
import org.imagerl.spi.text.Quote;

/**
 * The images of a folder, and what looks like one and cannot be read: nobody should count a thousand images and find 990 scores.
 *
 * @param images regular files, in natural order of their names; not those of systems ({@link FolderListing})
 * @param skipped what was left out: the name of each and why
 */
public record ImageListing(List<Path> images, List<String> skipped) {
    private static final int MAX_NAMED = 10;

    /** Images and films that are not read; all in lower case. */
    private static final Set<String> NOT_READ = Set.of(
            "3fr", "apng", "arw", "avif", "avi", "cr2", "cr3", "dds", "dng", "emf", "eps", "exr", "hdr", "heic", "heif",
            "hif", "ico", "icns", "j2k", "jfif", "jif", "jp2", "jpe", "jpf", "jpx", "jxl", "jxr", "kra", "m4v", "mkv",
            "mov", "mp4", "nef", "orf", "pam", "pbm", "pcx", "pfm", "pgm", "pict", "pnm", "ppm", "psb", "psd", "qoi",
            "raf", "raw", "rw2", "svg", "svgz", "tga", "webm", "wmf", "xcf");

    /**
     * Looks at the files of a folder, not at those of folders in it.
     *
     * @throws UserException if it is no folder or cannot be listed
     */
    public static ImageListing of(Path folder) {
        List<Path> images = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        for (Path entry : FolderListing.of(folder)) {
            if (ImageFiles.named(entry)) {
                if (Files.isRegularFile(entry)) {
                    images.add(entry);
                } else {
                    skipped.add(Quote.of(name(entry)) + " (" + what(entry) + ")");
                }
            } else if (NOT_READ.contains(ending(entry)) && !Files.isDirectory(entry)) {
                skipped.add(Quote.of(name(entry)) + " (." + ending(entry) + " is not read)");
            }
        }
        return new ImageListing(List.copyOf(images), List.copyOf(skipped));
    }

    /** What was skipped, in a line; empty if nothing was. */
    public String notice() {
        if (skipped.isEmpty()) {
            return "";
        }
        return Count.of(skipped.size(), "file") + (skipped.size() == 1 ? " is" : " are") + " skipped: "
                + Count.some(skipped, MAX_NAMED);
    }

    /** Why a folder without images is refused: what was skipped, and which of its folders have some. */
    public UserException refusal(Path folder) {
        List<String> inside = FolderListing.of(folder).stream()
                .filter(Files::isDirectory)
                .filter(ImageListing::hasImages)
                .map(entry -> Quote.of(name(entry)))
                .limit(MAX_NAMED)
                .toList();
        return UserException.input(folder + ": has no images (" + ImageFiles.endings() + ")"
                + (skipped.isEmpty() ? "" : "; " + notice())
                + (inside.isEmpty()
                        ? ""
                        : "; images of its sub-folders are not looked for: name one of them, "
                                + String.join(", ", inside)));
    }

    private static boolean hasImages(Path folder) {
        try {
            return FolderListing.of(folder).stream().anyMatch(ImageFiles::single);
        } catch (UserException e) {
            return false; // not readable: whoever names it gets the error
        }
    }

    private static String what(Path entry) {
        if (Files.isDirectory(entry)) {
            return "a folder";
        }
        return Files.isSymbolicLink(entry) && !Files.exists(entry)
                ? "a link to a file that is not there"
                : "a device, pipe or socket";
    }

    private static String ending(Path file) {
        String name = name(file).toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
