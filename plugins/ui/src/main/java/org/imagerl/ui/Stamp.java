package org.imagerl.ui;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.imagerl.spi.io.Sha256;

/** What tells one state of some files from another without reading them. */
final class Stamp {
    private Stamp() {}

    /** Sizes and times of files and folders, which need not be there. */
    static String of(Path... files) {
        StringBuilder text = new StringBuilder();
        Arrays.stream(files).forEach(file -> text.append(one(file)).append(';'));
        return Sha256.ofText(text.toString()).substring(0, 24);
    }

    private static String one(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return found.size() + "@" + found.lastModifiedTime().toMillis();
        } catch (IOException e) {
            return "none";
        }
    }
}
