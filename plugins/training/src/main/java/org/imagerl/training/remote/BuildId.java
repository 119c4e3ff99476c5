package org.imagerl.training.remote;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipFile;

/** Tells builds of imagerl apart, which may have the same version. */
public final class BuildId {
    private BuildId() {}

    /**
     * The id of the build that a class is from: a checksum of the classes that are imagerl's, of its own jar and of those
     * on the class path that are named {@code imagerl-*.jar}. All classes in folders have the same id.
     */
    public static String of(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            Path jar =
                    source == null ? Path.of("") : Path.of(source.getLocation().toURI());
            if (!Files.isRegularFile(jar)) {
                return "classes in a folder";
            }
            TreeSet<Path> jars = new TreeSet<>();
            jars.add(jar);
            Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
                    .filter(entry -> new File(entry).getName().matches("imagerl-.*\\.jar"))
                    .map(Path::of)
                    .filter(Files::isRegularFile)
                    .forEach(jars::add);
            return of(jars);
        } catch (IOException | URISyntaxException e) {
            return "classes of an unknown place";
        }
    }

    static String of(Collection<Path> jars) throws IOException {
        SortedMap<String, Long> classes = new TreeMap<>();
        for (Path jar : jars) {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                zip.stream()
                        .filter(entry -> entry.getName().startsWith("org/imagerl/") && !entry.isDirectory())
                        .forEach(entry -> classes.put(entry.getName(), entry.getCrc()));
            }
        }
        CRC32 sum = new CRC32();
        classes.forEach((name, crc) -> sum.update((name + " " + crc).getBytes(StandardCharsets.UTF_8)));
        return "build " + Long.toHexString(sum.getValue());
    }
}
