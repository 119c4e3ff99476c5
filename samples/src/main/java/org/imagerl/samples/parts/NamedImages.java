package org.imagerl.samples.parts;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.spi.io.FolderListing;

/** A folder of images whose names are their prompts: {@code a-red-apple.png}, and {@code a-red-apple_2.png} for another one. */
final class NamedImages implements DataSource {
    /**
     * The settings.
     *
     * @param folder of the images, all of which have the size that is trained; relative to the configuration
     * @param heldOut prompts whose images are not trained on
     */
    record Settings(String folder, List<String> heldOut) {}

    private final List<Path> files;
    private final List<Prompt> heldOut;

    /** @param context says where the configuration is */
    NamedImages(Settings settings, Context context) {
        Path folder = context.folder().resolve(settings.folder());
        // In an order that depends on no file system: a run resumes in the middle of a pass.
        List<Path> all = FolderListing.of(folder).stream()
                .filter(file -> file.toString().endsWith(".png"))
                .toList();
        heldOut = all.stream()
                .map(NamedImages::text)
                .filter(settings.heldOut()::contains)
                .distinct()
                .map(text -> Prompt.of(text, text))
                .toList();
        files = all.stream()
                .filter(file -> !settings.heldOut().contains(text(file)))
                .toList();
        if (files.isEmpty()) {
            throw UserException.input(folder + ": has no images named *.png to train on");
        }
    }

    private static String name(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - ".png".length());
    }

    private static String text(Path file) {
        return name(file).replaceFirst("_\\d+$", "").replace('-', ' ');
    }

    @Override
    public int images() {
        return 1;
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public Example example(int index) {
        Path file = files.get(index);
        Prompt prompt = new Prompt(name(file), text(file), Map.of());
        return new Example(prompt, List.of(new StoredImage(file.toString(), 1)));
    }

    @Override
    public int[] examples(String text) {
        return IntStream.range(0, files.size())
                .filter(i -> text(files.get(i)).equals(text))
                .toArray();
    }

    @Override
    public List<Prompt> heldOut() {
        return heldOut;
    }

    @Override
    public void check(ImageSize size) {
        for (Path file : files) {
            ImageDecoder.Size found = ImageDecoder.size(file); // reads no pixels
            require(file, found.width(), found.height(), size);
        }
    }

    private static void require(Path file, int width, int height, ImageSize size) {
        if (width != size.width() || height != size.height()) {
            throw UserException.input(file + ": has " + width + " x " + height + " pixels, but the run trains on "
                    + size.width() + " x " + size.height() + "; give all images this size");
        }
    }

    @Override
    public RgbImage image(StoredImage image, ImageSize size) {
        Path file = Path.of(image.file());
        RgbImage decoded = ImageDecoder.decode(file);
        require(file, decoded.width(), decoded.height(), size);
        return decoded;
    }

    @Override
    public List<Path> files() {
        return files; // a table would be here alone; there is none
    }

    @Override
    public void close() {} // keeps nothing open
}
