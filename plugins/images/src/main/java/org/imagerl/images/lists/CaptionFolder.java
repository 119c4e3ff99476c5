package org.imagerl.images.lists;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.text.Count;
import org.imagerl.spi.text.Quote;

/**
 * A folder of images with captions beside them. Its folders named {@code REPEATS_NAME} are read too, as kohya's sd-scripts do ({@code
 * library/config_util.py}, generate_dreambooth_subsets_config_by_subdirs): each image of {@code 10_a dog} is there ten times, and "a dog" is the caption of
 * those that have none of their own. Folders with 0 repeats and folders named otherwise are left out, and folders in folders.
 */
public final class CaptionFolder {
    private static final int MAX_NAMED = 10;
    private static final Pattern REPEATS = Pattern.compile("(\\d{1,4})(?:_(.*))?", Pattern.DOTALL);

    /**
     * An image.
     *
     * @param caption not blank
     * @param repeats how often it is there, at least 1
     */
    public record Captioned(Path image, String caption, int repeats) {}

    private final BiConsumer<Path, String> problems;
    private final Consumer<String> notices;
    private final List<Captioned> captioned = new ArrayList<>();

    private CaptionFolder(BiConsumer<Path, String> problems, Consumer<String> notices) {
        this.problems = problems;
        this.notices = notices;
    }

    /**
     * Reads a folder; in natural order of names, images of the folder itself before those of its folders.
     *
     * @param problems takes what is wrong with an image, which is then left out
     * @param notices takes what was not looked at
     * @throws UserException if it is no folder or cannot be listed
     */
    public static List<Captioned> read(Path folder, BiConsumer<Path, String> problems, Consumer<String> notices) {
        CaptionFolder reader = new CaptionFolder(problems, notices);
        reader.images(folder, "", 1);
        List<String> others = new ArrayList<>();
        for (Path inside : FolderListing.of(folder)) {
            Matcher name = REPEATS.matcher(String.valueOf(inside.getFileName()));
            if (!Files.isDirectory(inside)) {
                continue;
            }
            int repeats = name.matches() ? Integer.parseInt(name.group(1)) : 0;
            if (repeats > 0) {
                reader.images(inside, name.group(2) == null ? "" : name.group(2).strip(), repeats);
            } else {
                others.add(Quote.of(String.valueOf(inside.getFileName())));
            }
        }
        if (!others.isEmpty()) {
            notices.accept(folder + ": not looked into "
                    + Count.some(others, MAX_NAMED)
                    + ": the name of a folder whose images are wanted is REPEATS_NAME (10_a dog)");
        }
        return List.copyOf(reader.captioned);
    }

    private void images(Path folder, String otherwise, int repeats) {
        ImageListing listing = ImageListing.of(folder);
        if (!listing.notice().isEmpty()) {
            notices.accept(folder + ": " + listing.notice());
        }
        for (Path image : listing.images()) {
            try {
                String caption = Captions.beside(image).orElse(otherwise);
                if (caption.isBlank()) {
                    problems.accept(
                            image, "has no caption; expected it in " + Captions.expected(image) + " (at most 64 KiB)");
                } else {
                    captioned.add(new Captioned(image, caption, repeats));
                }
            } catch (UserException e) {
                problems.accept(image, String.valueOf(e.getMessage()));
            }
        }
    }
}
