package org.imagerl.spark.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.lists.Captions;
import org.imagerl.scoring.FoundImages;
import org.imagerl.scoring.ImageFinder;
import org.imagerl.scoring.ImageItem;
import org.imagerl.scoring.Tables;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.ScratchFolder;

/**
 * Images in a {@link Store}. The driver looks for them in a mirror, a folder of this machine with an empty file for each of the store's, so that they are found
 * and paired with prompts as in any folder. Executors copy a few at a time to their own disks.
 *
 * @param root the folder in the store
 * @param mirror its path on the driver's machine
 */
record StoredImages(Store root, String mirror) implements ImageSource {
    private static final int CAPTION_BYTES = 1 << 17;
    private static final long LIST_BYTES = 1L << 31;

    /**
     * @param place a folder, a list or an image
     * @param mirror an empty folder
     */
    static StoredImages of(Store place, Path mirror) {
        return new StoredImages(place.isFolder() ? place : place.folder(), mirror.toString());
    }

    /** Finds them. */
    FoundImages look(Store place, ImageFinder.Request request, Tables tables) {
        String name = place.equals(root) ? "" : place.name();
        root.files(true).forEach(file -> reflect(file, file.equals(name)));
        try {
            FoundImages found = ImageFinder.look(Path.of(mirror).resolve(name), request, tables);
            List<String> notices = found.notices().stream()
                    .map(line -> line.replace(mirror, root.address()))
                    .toList();
            return new FoundImages(found.items(), found.pairing(), notices);
        } catch (UserException e) {
            throw UserException.input(String.valueOf(e.getMessage()).replace(mirror, root.address()), e);
        }
    }

    private void reflect(String name, boolean asked) {
        Path file = Path.of(mirror).resolve(name).normalize();
        if (!file.startsWith(mirror)) {
            return;
        }
        boolean list = asked ? !ImageFiles.named(file) : !name.contains("/") && ImageFinder.LISTS.contains(name);
        try {
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (list) {
            root.copy(name, file, LIST_BYTES);
        }
    }

    @Override
    public void read(List<Listed> items, int batchSize, boolean together, Consumer<Copies> ready) {
        int step = together ? Math.max(1, items.size()) : batchSize;
        for (int from = 0; from < items.size(); from += step) {
            try (ScratchFolder scratch = ScratchFolder.create()) {
                String here = scratch.path().toString();
                List<ImageItem> copies = items.subList(from, Math.min(from + step, items.size())).parallelStream()
                        .map(item -> copy(item, scratch.path()))
                        .toList();
                ready.accept(new Copies(copies, message -> message.replace(here, root.address())));
            }
        }
    }

    private ImageItem copy(Listed item, Path to) {
        String name = Path.of(mirror).relativize(Path.of(item.file())).toString();
        Path image = to.resolve(name);
        root.copy(name, image, ImageDecoder.MAX_FILE_BYTES + 1);
        if (item.prompt() == null) {
            for (Path caption : Captions.places(image)) {
                root.copy(to.relativize(caption).toString(), caption, CAPTION_BYTES);
            }
        }
        return item.at(image);
    }
}
