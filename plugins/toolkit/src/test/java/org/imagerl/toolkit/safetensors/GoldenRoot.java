package org.imagerl.toolkit.safetensors;

import java.nio.file.Path;

/** Where the golden files are: property {@code golden.root}, or the project's own copy. */
public final class GoldenRoot {
    private GoldenRoot() {}

    public static Path path() {
        String given = System.getProperty("golden.root", "");
        return given.isEmpty()
                ? Path.of(System.getProperty("project.root", "."), "src/test/resources/golden")
                : Path.of(given);
    }
}
