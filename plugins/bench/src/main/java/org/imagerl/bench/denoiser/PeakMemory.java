package org.imagerl.bench.denoiser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most memory the process has had resident since a moment; Linux only. */
final class PeakMemory {
    private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");

    private PeakMemory() {}

    /** Begins anew at what is resident now, after the Java heap has given back what it can. */
    static void reset() {
        System.gc();
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException e) {
            // Not Linux: then bytes() has nothing to say either.
        }
    }

    /** Bytes; NaN where the system does not tell. */
    static double bytes() {
        try {
            Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc/self/status")));
            return peak.find() ? 1024.0 * Long.parseLong(peak.group(1)) : Double.NaN;
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
