package org.imagerl.latent.testing;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/** Finds the golden files: under {@code -Dgolden.root}, else under the project's own copy. */
public final class GoldenFolder {
    private GoldenFolder() {}

    /** Makes tests out of a file. */
    @FunctionalInterface
    public interface Tests {
        /** The tests of one file. */
        Stream<DynamicTest> of(Path file) throws IOException;
    }

    /**
     * The tests of every file that matches a glob (relative to the root), in order; where there is none, one test that is
     * skipped and says so.
     */
    public static Stream<DynamicTest> tests(String glob, Tests tests) throws IOException {
        Path root = root();
        List<DynamicTest> found = new ArrayList<>();
        for (Path file : find(root, glob)) {
            tests.of(file).forEach(found::add);
        }
        String absent = "golden files absent: " + root.resolve(glob);
        return found.isEmpty() ? Stream.of(dynamicTest(absent, () -> Assumptions.abort(absent))) : found.stream();
    }

    /** The files that match a glob, in order; none where the folder is absent. */
    public static List<Path> find(String glob) throws IOException {
        return find(root(), glob);
    }

    /** A file or folder of the project's own copy, whatever the root: for tests that know its sizes. */
    public static Path own(String path) {
        return ownRoot().resolve(path);
    }

    private static List<Path> find(Path root, String glob) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        var matcher = root.getFileSystem().getPathMatcher("glob:" + glob);
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> matcher.matches(root.relativize(file)))
                    .sorted()
                    .toList();
        }
    }

    private static Path root() {
        String given = System.getProperty("golden.root", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        return ownRoot();
    }

    private static Path ownRoot() {
        return Path.of(Objects.requireNonNull(System.getProperty("project.root")), "src/test/resources/golden");
    }
}
