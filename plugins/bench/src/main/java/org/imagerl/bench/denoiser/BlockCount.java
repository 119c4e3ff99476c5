package org.imagerl.bench.denoiser;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many blocks of a network are measured.
 *
 * @param count how many
 * @param reason why not all, for people
 */
record BlockCount(int count, String reason) {
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB$");
    private static final double SHARE = 0.6;

    /** JVM, engine and the layers outside the blocks. */
    private static final double BASE = 1e9;

    /**
     * Numbers that a training step without checkpointing keeps of each token and channel of a block: an estimate from the activations that
     * backward passes read, not calibrated; {@code memory_gb} and {@code blocks} are there where it is wrong.
     */
    private static final double KEPT = 24;

    /**
     * As many as are asked for, or as fit.
     *
     * @param published how many a published checkpoint has
     * @param weights numbers of a block, in squares of the width
     * @param depth how often a block transforms the whole sequence
     * @param least that can be measured: taken, and said, where fewer fit
     */
    static BlockCount of(TransformerSizes sizes, int published, int weights, int depth, int least) {
        Integer wanted = sizes.blocks();
        if (wanted != null) {
            return new BlockCount(wanted, wanted + " of " + published + " blocks, as asked for");
        }
        Double given = sizes.memoryGb();
        double room = given == null ? SHARE * available() : 1e9 * given;
        double width = sizes.width();
        double each = 4 * (weights * width * width + KEPT * depth * sizes.tokens() * width);
        double fitting = (room - BASE) / each;
        int taken = (int) Math.max(least, Math.min(published, fitting));
        return new BlockCount(
                taken,
                String.format(
                        Locale.ROOT,
                        "%d of %d blocks: %.1f GB may be used (%s), a training step takes %.1f GB and %.2f GB a block%s",
                        taken,
                        published,
                        room / 1e9,
                        given == null ? "60 % of what is free; memory_gb" : "memory_gb",
                        BASE / 1e9,
                        each / 1e9,
                        fitting < least ? "; memory may not suffice, but no fewer can be measured" : ""));
    }

    /** Bytes that the system can still give. */
    private static double available() {
        try {
            Matcher line = AVAILABLE.matcher(Files.readString(Path.of("/proc/meminfo")));
            if (line.find()) {
                return 1024.0 * Long.parseLong(line.group(1));
            }
        } catch (IOException e) {
            // Not Linux.
        }
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getFreeMemorySize();
    }
}
