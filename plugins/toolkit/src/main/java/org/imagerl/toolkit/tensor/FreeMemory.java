package org.imagerl.toolkit.tensor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.imagerl.spi.UserException.Kind;
import org.imagerl.spi.work.Memory;

/**
 * The memory that is still free: that of the machine, and that of the container or the session if it has a limit. Work
 * that certainly does not fit is refused before it begins; otherwise the system would end this process, or others.
 */
public final class FreeMemory {
    /** Less is not asked about: that takes a dozen files of the system, and a process that lacks this ends anyway. */
    private static final long LITTLE = 16 << 20;

    private static final Pattern FIELD = Pattern.compile("(?m)^(\\w+):?\\s+(\\d+)( kB)?$");

    private final Path root;

    FreeMemory(Path root) {
        this.root = root;
    }

    /**
     * Makes sure that memory may be asked for.
     *
     * @param bytes the least that is needed
     * @param what needs it, the begin of the message
     * @param remedy what takes less
     * @throws UserException with both numbers, if there is not as much
     */
    public static void require(long bytes, String what, String remedy) {
        if (bytes <= LITTLE) {
            return;
        }
        long free = new FreeMemory(Path.of("/")).bytes();
        if (bytes > free) {
            throw new UserException(
                    Kind.RESOURCES,
                    what + " takes at least " + Memory.gigabytes(bytes) + " of memory, and " + Memory.gigabytes(free)
                            + " are free; " + remedy);
        }
    }

    /** Bytes; as many as the machine has where the system does not tell what is free. */
    long bytes() {
        long total = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        long free = field("proc/meminfo", "MemAvailable").orElse(total)
                + field("proc/meminfo", "SwapFree").orElse(0);
        return Math.min(Math.min(total, free), Math.min(unified(), legacy()));
    }

    /** The limit of cgroups of version 2: the limit of every group around this process applies. */
    private long unified() {
        Matcher own = Pattern.compile("(?m)^0::/(.*)$").matcher(text("proc/self/cgroup"));
        Path top = root.resolve("sys/fs/cgroup");
        Path group = own.find() ? top.resolve(own.group(1)).normalize() : top;
        long free = Long.MAX_VALUE;
        while (group != null && group.startsWith(top)) {
            String at = root.relativize(group).toString();
            free = Math.min(
                    free,
                    left(
                            number(at + "/memory.max"),
                            number(at + "/memory.current"),
                            field(at + "/memory.stat", "inactive_file")));
            group = group.getParent();
        }
        return free;
    }

    private long legacy() {
        String at = "sys/fs/cgroup/memory/memory.";
        return left(
                number(at + "limit_in_bytes"),
                number(at + "usage_in_bytes"),
                field(at + "stat", "total_inactive_file"));
    }

    /** The memory that is left: what the system keeps of files is given back when it is asked. */
    private static long left(OptionalLong limit, OptionalLong used, OptionalLong reclaimable) {
        return limit.isEmpty() || used.isEmpty()
                ? Long.MAX_VALUE
                : Math.max(0, limit.getAsLong() - used.getAsLong() + reclaimable.orElse(0));
    }

    private OptionalLong number(String file) {
        String text = text(file).strip();
        return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private OptionalLong field(String file, String name) {
        Matcher fields = FIELD.matcher(text(file));
        while (fields.find()) {
            if (fields.group(1).equals(name)) {
                return OptionalLong.of(Long.parseLong(fields.group(2)) * (fields.group(3) == null ? 1 : 1024));
            }
        }
        return OptionalLong.empty();
    }

    private String text(String file) {
        try {
            return Files.readString(root.resolve(file));
        } catch (IOException e) {
            return ""; // not on this system
        }
    }
}
