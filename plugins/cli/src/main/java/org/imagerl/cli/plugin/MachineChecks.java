package org.imagerl.cli.plugin;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.imagerl.cli.console.Finding;
import org.imagerl.images.Fonts;
import org.imagerl.spi.work.Memory;

/** The checks of {@code doctor} on the machine. */
final class MachineChecks {
    /** A tiny checkpoint in training, with the engine. */
    private static final long LITTLE_MEMORY = 2_000_000_000L;

    private static final long LITTLE_DISK = 2_000_000_000L;

    private MachineChecks() {}

    static Finding java() {
        String found = System.getProperty("java.version") + ", " + System.getProperty("java.vendor") + ", "
                + System.getProperty("java.home");
        return System.getProperty("sun.arch.data.model", "64").equals("64")
                ? Finding.ok("java", found)
                : Finding.broken("java", found + ", 32 bits", "install a 64-bit Java: the engine has no 32-bit build");
    }

    static Finding processor() {
        String found = Runtime.getRuntime().availableProcessors() + " cores, " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch");
        return "PASSIVE".equals(System.getenv("OMP_WAIT_POLICY"))
                ? Finding.ok("processor", found)
                : Finding.warning(
                        "processor",
                        found + ", OMP_WAIT_POLICY is not PASSIVE: waiting threads spin",
                        "export OMP_WAIT_POLICY=PASSIVE (bin/imagerl does), or computing beside other work may be 20"
                                + " times slower");
    }

    static Finding memory() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long available = Memory.availableBytes();
        long free = Math.min(available > 0 ? available : Long.MAX_VALUE, system.getTotalMemorySize());
        String found = String.format(
                Locale.ROOT,
                "%s, %s available, Java heap at most %s",
                Memory.gigabytes(system.getTotalMemorySize()),
                Memory.gigabytes(free),
                Memory.gigabytes(Runtime.getRuntime().maxMemory()));
        return free >= LITTLE_MEMORY
                ? Finding.ok("memory", found)
                : Finding.warning(
                        "memory",
                        found,
                        "end other programs: the shipped example needs about 2 GB, Stable Diffusion 1.5 about 8");
    }

    /** The folder where runs go by default. */
    static Finding disk(Path folder) {
        Path place = folder.toAbsolutePath();
        try {
            long free = Files.getFileStore(place).getUsableSpace();
            String found = Memory.gigabytes(free) + " free in " + place;
            if (!Files.isWritable(place)) {
                return Finding.warning(
                        "disk", found + ", which is not writable", "work in another folder, or set run.folder");
            }
            return free >= LITTLE_DISK
                    ? Finding.ok("disk", found)
                    : Finding.warning("disk", found, "free some space: checkpoints of a run can take a few GB");
        } catch (IOException e) {
            return Finding.broken("disk", e, "work in another folder");
        }
    }

    static Finding fonts() {
        return Fonts.found()
                ? Finding.ok("fonts", "captions can be drawn")
                : Finding.warning(
                        "fonts", "none: grids and charts have no captions, words cannot be painted", Fonts.REMEDY);
    }
}
