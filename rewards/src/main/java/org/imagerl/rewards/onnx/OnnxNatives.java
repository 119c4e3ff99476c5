package org.imagerl.rewards.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.imagerl.spi.io.CacheFolder;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.spi.io.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries of ONNX Runtime. By itself it unpacks them anew for every process, into the folder for temporary files, and a process that is
 * killed leaves them there; here they are unpacked once, into the {@link CacheFolder}.
 */
public final class OnnxNatives {
    /** Where ONNX Runtime takes its libraries from; who sets it has them already. */
    private static final String PROPERTY = "onnxruntime.native.path";

    /** Of the library that 1.29.0 has in it to send events to its maker. */
    private static final List<String> SENDERS = List.of("OneCollector", "events.data.microsoft", "mat-debug-");

    private static boolean prepared;

    private OnnxNatives() {}

    /**
     * Sees to it that the libraries are there, before ONNX Runtime is first used.
     *
     * @param warnings takes a line if there is no folder to keep them in
     */
    public static synchronized void prepare(Consumer<String> warnings) {
        if (prepared) {
            return;
        }
        prepared = true;
        if (System.getProperty(PROPERTY) != null) {
            return;
        }
        try (JarFile jar = jar()) {
            List<JarEntry> libraries = jar == null ? List.of() : libraries(jar);
            if (jar != null && !libraries.isEmpty()) {
                System.setProperty(PROPERTY, folder(jar, libraries, warnings).toString());
            }
        } catch (IOException e) {
            warnings.accept("the libraries of ONNX Runtime are unpacked for this process alone: " + e.getMessage());
        }
    }

    /**
     * What in the library that is loaded here sends telemetry; it would from the moment of loading. There is none in the version that is shipped.
     *
     * @return the first mark of a sender; empty if there is none
     * @throws IOException if the library cannot be read
     */
    public static String telemetry() throws IOException {
        prepare(line -> {});
        String folder = System.getProperty(PROPERTY);
        Path library = folder == null ? null : Path.of(folder, System.mapLibraryName("onnxruntime"));
        return library == null || !Files.isRegularFile(library) ? "" : sender(Files.readAllBytes(library));
    }

    static String sender(byte[] library) {
        String text = new String(library, StandardCharsets.ISO_8859_1);
        return SENDERS.stream().filter(text::contains).findFirst().orElse("");
    }

    private static Path folder(JarFile jar, List<JarEntry> libraries, Consumer<String> warnings) throws IOException {
        try {
            return cached(CacheFolder.open(), jar, libraries);
        } catch (IOException e) {
            warnings.accept(
                    "the libraries of ONNX Runtime are unpacked for this process alone, because there is no cache"
                            + " folder: "
                            + (e instanceof FileSystemException ? e.toString() : e.getMessage())
                            + "; name another one in " + CacheFolder.VARIABLE);
        }
        ScratchFolder scratch = ScratchFolder.create();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Folders.deleteIfPossible(scratch.path())));
        unpack(jar, libraries, scratch.path());
        return scratch.path();
    }

    /** The entry has the names, sizes and checksums in its name: of another build it is another one. */
    static Path cached(CacheFolder cache, JarFile jar, List<JarEntry> libraries) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        libraries.forEach(library -> sizes.put(name(library), library.getSize()));
        String content = libraries.stream()
                .map(library -> library.getName() + " " + library.getSize() + " " + library.getCrc())
                .sorted()
                .collect(Collectors.joining("\n"));
        String hash = Sha256.ofText(content).substring(0, 32);
        return cache.filled("onnxruntime-" + hash, sizes, folder -> unpack(jar, libraries, folder));
    }

    private static void unpack(JarFile jar, List<JarEntry> libraries, Path folder) throws IOException {
        for (JarEntry library : libraries) {
            try (InputStream in = jar.getInputStream(library)) {
                Files.copy(in, folder.resolve(name(library)));
            }
        }
    }

    private static String name(JarEntry entry) {
        return entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
    }

    /** The jar that ONNX Runtime's classes are from; null if they are in a folder. Does not load its libraries. */
    static @Nullable JarFile jar() throws IOException {
        CodeSource source = OrtEnvironment.class.getProtectionDomain().getCodeSource();
        try {
            Path path = source == null ? null : Path.of(source.getLocation().toURI());
            return path == null || !Files.isRegularFile(path) ? null : new JarFile(path.toFile());
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            return null; // a jar in a jar
        }
    }

    /** Those of this machine; TensorRT's is not used. */
    static List<JarEntry> libraries(JarFile jar) {
        String folder = "ai/onnxruntime/native/" + platform() + "/";
        return jar.stream()
                .filter(entry -> entry.getName().matches(folder + "[^/]+\\.(so|dylib|dll)"))
                .filter(entry -> !entry.getName().contains("tensorrt"))
                .toList();
    }

    /** As the folders in the jar are named: {@code linux-x64}. */
    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "");
        return (os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux")
                + (arch.equals("aarch64") ? "-aarch64" : "-x64");
    }
}
