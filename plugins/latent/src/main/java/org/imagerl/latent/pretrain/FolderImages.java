package org.imagerl.latent.pretrain;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PilResize;
import org.imagerl.images.lists.CaptionFolder;
import org.imagerl.images.lists.ListFile;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * A folder of images with captions: {@code metadata.jsonl} with {@code file_name} and {@code text} (Hugging Face's imagefolder), or a
 * {@code NAME.txt} or {@code NAME.caption} beside each image ({@link CaptionFolder}). Images of another size are resized to cover and cropped at the centre.
 */
final class FolderImages implements ImageSource {
    private static final ListFile.Fields FIELDS =
            new ListFile.Fields(Set.of("file_name", "text"), Set.of("file_name", "text"));

    private final Map<Path, String> captions = new TreeMap<>();
    private final Map<Path, Integer> repeats = new HashMap<>();
    private final List<Path> files;
    private final ExifOrientation orientation;
    private final int width;
    private final int height;

    /** @param warnings takes what is left out of the folder */
    FolderImages(Path folder, int width, int height, ExifOrientation orientation, Consumer<String> warnings) {
        this.orientation = orientation;
        this.width = width;
        this.height = height;
        Path metadata = folder.resolve("metadata.jsonl");
        if (Files.exists(metadata, LinkOption.NOFOLLOW_LINKS)) {
            readMetadata(folder, metadata);
        } else {
            readCaptions(folder, warnings);
        }
        if (captions.isEmpty()) {
            throw UserException.input(
                    folder + ": no captioned images; give each NAME.png a NAME.txt, or all a metadata.jsonl"
                            + " with the keys file_name and text");
        }
        files = captions.keySet().stream()
                .flatMap(file -> Collections.nCopies(repeats.getOrDefault(file, 1), file).stream())
                .toList();
        String turned = orientation.notice(List.copyOf(captions.keySet()));
        if (!turned.isEmpty()) {
            warnings.accept(folder + ": " + turned);
        }
    }

    private void readMetadata(Path folder, Path metadata) {
        ListFile.read(metadata, FIELDS, new ListFile.Entries() {
            @Override
            public void entry(int line, Map<String, String> fields) {
                add(folder, metadata + ":" + line, fields.get("file_name"), fields.get("text"));
            }

            @Override
            public void problem(int line, String field, String message) {
                throw UserException.input(
                        metadata + ":" + line + ": " + (field.isEmpty() ? "" : field + ": ") + message);
            }
        });
    }

    private void add(Path folder, String where, @Nullable String name, @Nullable String text) {
        if (name == null || text == null) {
            throw UserException.input(where + ": needs the strings file_name and text");
        }
        try {
            Path file = folder.resolve(name).normalize();
            if (!file.startsWith(folder.normalize())) {
                throw UserException.input(where + ": file_name leads out of the folder: " + Quote.of(name));
            }
            captions.put(file, text);
        } catch (InvalidPathException e) {
            throw UserException.input(where + ": file_name can be no name of a file: " + Quote.of(name), e);
        }
    }

    private void readCaptions(Path folder, Consumer<String> warnings) {
        BiConsumer<Path, String> problems = (image, problem) -> {
            throw UserException.input(image + ": " + problem);
        };
        CaptionFolder.read(folder, problems, warnings).forEach(image -> {
            captions.put(image.image(), image.caption());
            repeats.put(image.image(), image.repeats());
        });
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public Captioned get(int index) {
        Path file = files.get(index);
        return new Captioned(fit(ImageDecoder.decode(file, orientation).image()), captions.getOrDefault(file, ""));
    }

    private RgbImage fit(RgbImage image) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        double scale = Math.max((double) width / image.width(), (double) height / image.height());
        int wide = Math.max(width, (int) Math.round(image.width() * scale));
        int high = Math.max(height, (int) Math.round(image.height() * scale));
        return crop(PilResize.bicubic(image, wide, high));
    }

    private RgbImage crop(RgbImage image) {
        int left = (image.width() - width) / 2;
        int top = (image.height() - height) / 2;
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            System.arraycopy(image.rgb(), 3 * ((top + y) * image.width() + left), rgb, 3 * y * width, 3 * width);
        }
        return new RgbImage(width, height, rgb);
    }
}
