package org.imagerl.ctrl.classifier;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Configured;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Sha256;

/** The features that a classifier was trained on: named in its manifest, found again, and known by their hashes. */
final class FrozenFeatures {
    private FrozenFeatures() {}

    /**
     * How a manifest names features.
     *
     * @param folder of the classifier
     * @param made from the configuration
     */
    static Backbone.Frozen named(Path folder, Configured<Features> configured, Features made, Context context) {
        Map<String, String> files = new TreeMap<>();
        made.files().forEach(file -> files.put(relative(folder, file), Sha256.of(file)));
        String settings = context.parts().write(configured);
        return new Backbone.Frozen(settings, relative(folder, context.folder()), made.width(), files);
    }

    private static String relative(Path folder, Path other) {
        Path from = absolute(folder);
        Path to = absolute(other);
        boolean together = from.getRoot() != null && from.getRoot().equals(to.getRoot()); // not on two drives
        return (together ? from.relativize(to) : to).toString().replace('\\', '/');
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /**
     * Opens them.
     *
     * @throws UserException if they are gone, or not those that the classifier was trained on
     */
    static Features open(ClassifierFolder classifier, Backbone.Frozen frozen, Context context) {
        Path folder = absolute(classifier.path());
        frozen.files().forEach((name, hash) -> {
            Path file = folder.resolve(name).normalize();
            if (!Sha256.of(file).equals(hash)) {
                throw UserException.input(
                        file + ": is not the file that the classifier " + classifier.path()
                                + " was trained on (its SHA-256 is another); put that one there, or train the classifier again");
            }
        });
        String where = classifier.path().resolve(ClassifierFolder.MANIFEST) + ": features";
        Features features = context.parts()
                .read(Features.class, frozen.settings(), where)
                .create(context.in(folder.resolve(frozen.base()).normalize()));
        if (features.width() != frozen.width()) {
            int width = features.width();
            features.close();
            throw UserException.input(where + ": have " + width
                    + " numbers of a picture, the classifier was trained on " + frozen.width() + "; train it again");
        }
        return features;
    }
}
