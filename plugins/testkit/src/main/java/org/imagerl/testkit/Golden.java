package org.imagerl.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/**
 * Where golden numbers lie: under the folder named by the system property {@code golden.root}, or else under {@code
 * src/test/resources/golden} of the folder named by {@code project.root}.
 */
public final class Golden {

    private Golden() {}

    /** Makes the tests of the cases in a folder. */
    @FunctionalInterface
    public interface Cases {
        /** One test per case. */
        List<DynamicTest> in(Path folder) throws IOException;
    }

    /**
     * For a {@code @TestFactory}: the tests of one kind of case; if its folder is absent, one skipped test that says so.
     *
     * @param name of the folder
     */
    public static List<DynamicTest> tests(String name, Cases cases) throws IOException {
        Path folder = root().resolve(name);
        if (Files.isDirectory(folder)) {
            return cases.in(folder);
        }
        return List.of(absent("there are no golden numbers in " + folder));
    }

    /** A skipped test that says what is not there. Skipping is inside a test, as reports leave a skipped factory out. */
    public static DynamicTest absent(String what) {
        String reason = "skipped: " + what;
        return DynamicTest.dynamicTest(reason, () -> Assumptions.abort(reason));
    }

    private static Path root() {
        String root = System.getProperty("golden.root", "");
        return root.isEmpty()
                ? Path.of(System.getProperty("project.root", "."), "src", "test", "resources", "golden")
                : Path.of(root);
    }
}
