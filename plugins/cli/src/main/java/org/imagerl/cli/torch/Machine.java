package org.imagerl.cli.torch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.FolderListing;

/**
 * What matters of the machine.
 *
 * @param architecture as {@code os.arch} says
 * @param folders in which the loader finds libraries without being asked to
 * @param driverFile in which the driver of NVIDIA says its version
 */
public record Machine(String architecture, List<Path> folders, Path driverFile) {
    private static final int MAX_TEXT_BYTES = 1 << 16;
    private static final Pattern DRIVER =
            Pattern.compile("Kernel Module(?: for \\S+)?\\s+(\\d{1,6}(?:\\.\\d{1,6}){1,2})\\b");

    public Machine {
        folders = List.copyOf(folders);
    }

    /** Whether this machine has a driver of NVIDIA. */
    public static boolean hasDriver() {
        return here().driver().isPresent();
    }

    /** The machine of this process. */
    static Machine here() {
        String architecture = System.getProperty("os.arch", "");
        String gnu = architecture.equals("amd64") ? "x86_64-linux-gnu" : architecture + "-linux-gnu";
        List<Path> folders = new ArrayList<>(named(System.getenv()));
        Stream.of(
                        "/lib/" + gnu,
                        "/usr/lib/" + gnu,
                        "/lib64",
                        "/usr/lib64",
                        "/lib",
                        "/usr/lib",
                        "/usr/local/lib",
                        "/usr/local/cuda/lib64",
                        "/usr/lib/wsl/lib")
                .map(Path::of)
                .forEach(folders::add);
        folders.addAll(configured(Path.of("/etc/ld.so.conf.d")));
        return new Machine(architecture, folders, Path.of("/proc/driver/nvidia/version"));
    }

    /** What the settings of the loader name, as the packages of CUDA do for their folders. */
    static List<Path> configured(Path settings) {
        return !Files.isDirectory(settings)
                ? List.of()
                : FolderListing.of(settings).stream()
                        .filter(file -> file.toString().endsWith(".conf") && Files.isRegularFile(file))
                        .flatMap(file -> BoundedFile.text(file, MAX_TEXT_BYTES).lines())
                        .map(String::strip)
                        .filter(line -> line.startsWith("/"))
                        .map(Path::of)
                        .toList();
    }

    private static List<Path> named(Map<String, String> environment) {
        return Stream.of(environment.getOrDefault("LD_LIBRARY_PATH", "").split(":"))
                .filter(folder -> folder.startsWith("/"))
                .map(Path::of)
                .toList();
    }

    /** The number that ELF files have for this processor; 0 for others than those that DJL has libraries for. */
    int elfMachine() {
        return switch (architecture) {
            case "amd64", "x86_64" -> 62;
            case "aarch64" -> 183;
            default -> 0;
        };
    }

    /** As DJL names it. */
    String classifier() {
        return "linux-" + (architecture.equals("amd64") ? "x86_64" : architecture);
    }

    /** The version of the driver, such as {@code 550.54.15}, or {@code unknown}; empty without one. */
    Optional<String> driver() {
        if (!Files.exists(driverFile)) { // in Linux on Windows (WSL) there is none: the driver is that of Windows
            boolean windows = folders.stream()
                    .anyMatch(folder -> folder.endsWith("wsl/lib") && Files.exists(folder.resolve("libcuda.so.1")));
            return windows ? Optional.of("unknown") : Optional.empty();
        }
        Matcher version = DRIVER.matcher(BoundedFile.text(driverFile, MAX_TEXT_BYTES));
        return Optional.of(version.find() ? version.group(1) : "unknown");
    }
}
