package org.imagerl.training.remote;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Tells builds of imagerl apart, which may have the same version. */
public final class BuildId {
    private BuildId() {}

    /**
     * The id of the jar that a class is from: a checksum of its classes that are imagerl's. All classes in folders have
     * the same id.
     */
    public static String of(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            Path jar =
                    source == null ? Path.of("") : Path.of(source.getLocation().toURI());
            return Files.isRegularFile(jar) ? of(jar) : "classes in a folder";
        } catch (IOException | URISyntaxException e) {
            return "classes of an unknown place";
        }
    }

    static String of(Path jar) throws IOException {
        CRC32 sum = new CRC32();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<? extends ZipEntry> classes = zip.stream()
                    .filter(entry -> entry.getName().startsWith("org/imagerl/"))
                    .sorted(Comparator.comparing(ZipEntry::getName))
                    .toList();
            for (ZipEntry entry : classes) {
                sum.update((entry.getName() + " " + entry.getCrc()).getBytes(StandardCharsets.UTF_8));
            }
        }
        return "build " + Long.toHexString(sum.getValue());
    }
}
