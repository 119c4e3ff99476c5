package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Progress;

/** Pretrainings that are stopped and taken up again. */
public final class Interruptions {
    private static final int MOST = 20;

    private Interruptions() {}

    /** Runs without a stop. */
    public static Path straight(Pretraining pretraining, Path folder) {
        pretraining.run(folder, new Questions(Integer.MAX_VALUE));
        return folder;
    }

    /**
     * Runs with a stop after every second step, until the weights of a component are there.
     *
     * @return how often it was stopped
     */
    public static int stopping(Pretraining pretraining, Path folder, String component) {
        for (int stops = 0; stops < MOST; stops++) {
            pretraining.run(folder, new Questions(1));
            if (Files.exists(folder.resolve(component).resolve("diffusion_pytorch_model.safetensors"))) {
                return stops;
            }
        }
        throw new AssertionError("no end after " + MOST + " stops");
    }

    /** Compares all files of two folders byte by byte. */
    public static void assertSame(Path actual, Path expected) throws IOException {
        Map<String, byte[]> wanted = files(expected);
        Map<String, byte[]> found = files(actual);
        assertThat(found.keySet()).isEqualTo(wanted.keySet());
        for (Map.Entry<String, byte[]> file : wanted.entrySet()) {
            assertThat(found.get(file.getKey())).as(file.getKey()).isEqualTo(file.getValue());
        }
    }

    private static Map<String, byte[]> files(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    /** Stops after it was asked some times. */
    private static final class Questions implements Progress {
        private int left;

        Questions(int left) {
            this.left = left;
        }

        @Override
        public void update(String stage, long done, long total, String detail) {}

        @Override
        public boolean stopped() {
            return left-- <= 0;
        }
    }
}
