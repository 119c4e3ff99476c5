package org.imagerl.spi.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Memory as the operating system counts it. */
public final class Memory {
    private static final Pattern FIELD = Pattern.compile("(?m)^(\\w+):\\s+(\\d+) kB$");

    private Memory() {}

    /** The memory that this process occupies, native memory included; 0 where it is not known. */
    public static long residentBytes() {
        return field(Path.of("/proc/self/status"), "VmRSS");
    }

    /** The most that this process occupied, since its beginning or since that was reset; 0 where it is not known. */
    public static long peakBytes() {
        return field(Path.of("/proc/self/status"), "VmHWM");
    }

    /** Resets {@link #peakBytes}, where the system can. */
    public static void resetPeak() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException e) {
            // not Linux: then there is no peak either
        }
    }

    /** The memory that is available without swapping; 0 where it is not known. */
    public static long availableBytes() {
        return field(Path.of("/proc/meminfo"), "MemAvailable");
    }

    /** All memory of the machine; 0 where it is not known. */
    public static long totalBytes() {
        return field(Path.of("/proc/meminfo"), "MemTotal");
    }

    private static long field(Path file, String name) {
        try {
            Matcher fields = FIELD.matcher(Files.readString(file));
            while (fields.find()) {
                if (fields.group(1).equals(name)) {
                    return Long.parseLong(fields.group(2)) * 1024;
                }
            }
        } catch (IOException e) {
            // no such file on this system
        }
        return 0;
    }

    /** {@code 3.4 GB}, or {@code 20.5 MB} where that is less than one. */
    public static String size(long bytes) {
        return bytes < 1_000_000_000 ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6) : gigabytes(bytes);
    }

    /** {@code 2.4 GB}. */
    public static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
