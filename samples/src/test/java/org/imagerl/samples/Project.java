package org.imagerl.samples;

import java.nio.file.Path;

/** Where the project is. */
final class Project {
    private Project() {}

    static Path folder(String path) {
        return Path.of(System.getProperty("project.root", "..")).resolve(path);
    }
}
