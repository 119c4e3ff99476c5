package org.imagerl.spark.job;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.imagerl.spi.UserException;

/**
 * A GPU of this machine for one executor of a {@code local-cluster}, whose workers all see all GPUs: the first that no other executor has locked. The
 * system takes the lock back when the process ends, however it ends.
 */
final class GpuClaim {
    private final int number;

    /** Open as long as this process lives: closing it would give the lock back. */
    private final FileChannel locked;

    private GpuClaim(int number, FileChannel locked) {
        this.number = number;
        this.locked = locked;
    }

    /**
     * Claims one.
     *
     * @param folder of this machine
     * @param application that shares the GPUs, as Spark calls it
     * @param gpus how many there are
     */
    static GpuClaim of(Path folder, String application, int gpus) {
        for (int number = 0; number < gpus; number++) {
            Path file = folder.resolve("imagerl-" + application + "-gpu-" + number + ".lock");
            try {
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (isLocked(channel)) {
                    return new GpuClaim(number, channel);
                }
                channel.close();
            } catch (IOException e) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT, file + ": cannot be locked: " + e.getMessage(), e);
            }
        }
        throw UserException.input(
                "spark.imagerl.gpus: is " + gpus + ", and other executors have all of them; begin no more"
                        + " executors than there are GPUs: local-cluster[" + gpus + ",CORES,MEGABYTES]");
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** As a configuration names it. */
    String device() {
        return "cuda:" + number;
    }

    /** Gives it back. */
    void release() throws IOException {
        locked.close();
    }
}
