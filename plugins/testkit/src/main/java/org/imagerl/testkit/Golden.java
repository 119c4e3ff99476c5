package org.imagerl.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Where golden numbers lie: under the folder named by the system property {@code golden.root}, or else under {@code
 * src/test/resources/golden} of the folder named by {@code project.root}.
 */
public final class Golden {

    private Golden() {}

    /** The folder of one kind of case; if there is none, the running test is skipped with a message that says so. */
    public static Path folder(String name) {
        Path folder = root().resolve(name);
        Assumptions.assumeTrue(Files.isDirectory(folder), () -> "skipped: there are no golden numbers in " + folder);
        return folder;
    }

    private static Path root() {
        String root = System.getProperty("golden.root", "");
        return root.isEmpty()
                ? Path.of(System.getProperty("project.root", "."), "src", "test", "resources", "golden")
                : Path.of(root);
    }
}
