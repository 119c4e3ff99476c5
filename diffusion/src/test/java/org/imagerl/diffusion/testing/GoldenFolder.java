package org.imagerl.diffusion.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Finds the golden files: under {@code -Dgolden.root}, else under the project's own copy. */
public final class GoldenFolder {
    private GoldenFolder() {}

    /** A file or folder below the root; the calling test is skipped, with a message, when it is absent. */
    public static Path require(String name) {
        Path path = root().resolve(name);
        assumeTrue(Files.exists(path), () -> "golden files absent: " + path);
        return path;
    }

    /** The files that match a glob (relative to the root), sorted; the calling test is skipped when there are none. */
    public static List<Path> find(String glob) throws IOException {
        Path root = root();
        assumeTrue(Files.isDirectory(root), () -> "golden files absent: " + root);
        var matcher = root.getFileSystem().getPathMatcher("glob:" + glob);
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> found = files.filter(file -> matcher.matches(root.relativize(file)))
                    .sorted()
                    .toList();
            assumeTrue(!found.isEmpty(), () -> "golden files absent: " + root + "/" + glob);
            return found;
        }
    }

    private static Path root() {
        String given = System.getProperty("golden.root", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        return Path.of(Objects.requireNonNull(System.getProperty("project.root")), "src/test/resources/golden");
    }
}
