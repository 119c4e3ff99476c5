package org.imagerl.toolkit.tensor;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Settings of the process that native libraries read, for programs that were not started by imagerl's launcher. The launcher makes these and others, which have an
 * effect only if they are there when the process begins. What the environment says already is left as it is, and so is a process in which PyTorch was loaded before,
 * with a warning.
 *
 * <ul>
 *   <li>{@code OMP_WAIT_POLICY=PASSIVE}: OpenMP threads sleep while they wait. Those that spin starve each other wherever other work
 *       shares the cores.
 *   <li>{@code MALLOC_MMAP_THRESHOLD_}, {@code MALLOC_TRIM_THRESHOLD_}, {@code MALLOC_TOP_PAD_}: glibc would hand every large tensor back
 *       to the kernel and fault it in again.
 * </ul>
 *
 * On other systems than Linux with glibc nothing is done.
 */
final class NativeSettings {
    /** Of the JDK: a program that has not chosen a library for logs sees its warnings too. */
    private static final System.Logger LOG = System.getLogger(NativeSettings.class.getName());

    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_THRESHOLD = -3;

    private NativeSettings() {}

    static void apply() {
        if (!System.getProperty("os.name", "").equals("Linux") || System.getenv("OMP_WAIT_POLICY") != null) {
            return; // the launcher's environment, or the user's own choice
        }
        if (isTorchLoaded()) {
            warn("PyTorch was loaded before imagerl");
            return;
        }
        try {
            NativeLibrary c = NativeLibrary.getInstance("c");
            set(c.getFunction("setenv"), "OMP_WAIT_POLICY", "PASSIVE");
            Function mallopt = c.getFunction("mallopt");
            allocate(mallopt, M_MMAP_THRESHOLD, "MALLOC_MMAP_THRESHOLD_", 1 << 30);
            allocate(mallopt, M_TRIM_THRESHOLD, "MALLOC_TRIM_THRESHOLD_", 1 << 30);
            allocate(mallopt, M_TOP_PAD, "MALLOC_TOP_PAD_", 1 << 26);
        } catch (LinkageError e) { // musl has no mallopt; a process may forbid JNA to unpack its library
            warn(String.valueOf(e.getMessage()));
        }
    }

    private static void warn(String why) {
        LOG.log(
                System.Logger.Level.WARNING,
                "OMP_WAIT_POLICY is not set and cannot be set here ({0}): threads that spin while they wait may make computing"
                        + " 10 times slower beside other work; start Java with OMP_WAIT_POLICY=PASSIVE in its environment",
                why);
    }

    /** Its OpenMP library has read the environment then. */
    private static boolean isTorchLoaded() {
        try {
            return Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)
                    .contains("libtorch_cpu");
        } catch (IOException e) {
            return false; // nobody knows; what is set then has an effect or has none
        }
    }

    private static void set(Function setenv, String name, String value) {
        setenv.invokeInt(new Object[] {name, value, 0});
    }

    private static void allocate(Function mallopt, int parameter, String name, int bytes) {
        if (System.getenv(name) == null) {
            mallopt.invokeInt(new Object[] {parameter, bytes});
        }
    }

    /** Gives memory that is free back to the system, where the C library can: by the settings above it would be kept. */
    static void giveBack() {
        try {
            NativeLibrary.getInstance("c").getFunction("malloc_trim").invokeInt(new Object[] {0L});
        } catch (LinkageError e) {
            // not glibc: what is kept counts as in use
        }
    }
}
