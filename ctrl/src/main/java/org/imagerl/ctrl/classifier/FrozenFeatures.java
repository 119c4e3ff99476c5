package org.imagerl.ctrl.classifier;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.Sha256;

/**
 * The features that a classifier was trained on: how a manifest names them, how they are opened, and the hashes by which they are
 * recognised.
 */
final class FrozenFeatures {
    private FrozenFeatures() {}

    /**
     * The form in which a manifest names features.
     *
     * @param folder of the classifier
     * @param made from the configuration
     * @throws UserException if they are too wide, or a file of theirs is none
     */
    static Backbone.Frozen named(Path folder, PartConfig<Features> configured, Features made, Context context) {
        if (made.width() < 1 || made.width() > Features.MAX_WIDTH) {
            throw UserException.input("features: have " + made.width()
                    + " numbers of an image; a classifier takes 1 to " + Features.MAX_WIDTH);
        }
        String settings = context.parts().write(configured);
        return new Backbone.Frozen(settings, relative(folder, context.folder()), made.width(), hashes(folder, made));
    }

    /** The hashes of the files that features depend on; a manifest cannot name others. */
    private static Map<String, String> hashes(Path folder, Features made) {
        Map<String, String> hashes = new TreeMap<>();
        for (Path file : made.files()) {
            if (!Files.isRegularFile(file)) {
                throw UserException.input(file + ": there is no such file, and the features of the classifier " + folder
                        + " depend on it; put it there, or train the classifier again");
            }
            hashes.put(relative(folder, file), Sha256.of(file));
        }
        return hashes;
    }

    private static String relative(Path folder, Path other) {
        Path from = absolute(folder);
        Path to = absolute(other);
        boolean together = from.getRoot() != null && from.getRoot().equals(to.getRoot()); // not on two drives
        return Folders.slashed(together ? from.relativize(to) : to);
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /**
     * Opens the features of a classifier.
     *
     * @throws UserException if they are gone, or not those that the classifier was trained on
     */
    static Features open(ClassifierFolder classifier, Backbone.Frozen frozen, Context context) {
        Features features = create(classifier, frozen, context);
        try {
            requireSame(classifier.path(), frozen, features);
            return features;
        } catch (RuntimeException e) {
            features.close();
            throw e;
        }
    }

    private static Features create(ClassifierFolder classifier, Backbone.Frozen frozen, Context context) {
        String where = classifier.path().resolve(ClassifierFolder.MANIFEST) + ": features";
        PartConfig<Features> configured = context.parts().read(Features.class, frozen.settings(), where);
        try {
            Path base = absolute(classifier.path()).resolve(frozen.base()).normalize();
            return configured.create(context.in(base));
        } catch (InvalidPathException e) {
            throw UserException.input(
                    where + ": name what is no path here (" + e.getMessage() + "); train the classifier again", e);
        } catch (UserException e) {
            throw new UserException(
                    e.kind(),
                    where + ": what the classifier " + classifier.path() + " was trained on cannot be opened: "
                            + e.getMessage()
                            + "; it must stand where it stood, seen from the classifier's folder: move it there, or"
                            + " train the classifier again",
                    e);
        }
    }

    private static void requireSame(Path classifier, Backbone.Frozen frozen, Features features) {
        Map<String, String> now = hashes(classifier, features);
        TreeSet<String> names = new TreeSet<>(frozen.files().keySet());
        names.addAll(now.keySet());
        for (String name : names) {
            String before = frozen.files().get(name);
            if (!now.containsKey(name) || before == null) {
                throw UserException.input(
                        name + " (seen from the classifier " + classifier + "): the classifier was trained "
                                + (before == null ? "without" : "with") + " this file, and its features now depend on "
                                + now.keySet()
                                + "; put model and classifier back to where they were, or train the classifier again");
            }
            if (!before.equals(now.get(name))) {
                throw UserException.input(
                        absolute(classifier).resolve(name).normalize() + ": is not the file that the classifier "
                                + classifier
                                + " was trained on (its SHA-256 is another); put that one there, or train the"
                                + " classifier again");
            }
        }
        if (features.width() != frozen.width()) {
            throw UserException.input(classifier.resolve(ClassifierFolder.MANIFEST) + ": features: have "
                    + features.width() + " numbers of an image, the classifier was trained on " + frozen.width()
                    + "; train it again");
        }
    }
}
