package org.imagerl.cli.train;

import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.imagerl.cli.console.Finding;
import org.imagerl.spi.io.Folders;

/**
 * The libraries of PyTorch, where the distribution was built without those for the CPU ({@code -Pcuda}): DJL fetches those for the CUDA of this
 * machine, once, and only after a yes. Everything else that imagerl does is offline.
 *
 * @param flavour as DJL names it: {@code cu126}, or {@code cpu} where it sees no GPU
 * @param version of PyTorch
 * @param classifier of the platform: {@code linux-x86_64}
 * @param cache where DJL keeps them
 */
record EngineDownload(String flavour, String version, String classifier, Path cache) {
    private static final String OFFLINE = "ai.djl.offline";

    /** What this machine needs; empty if the distribution has the libraries, or a folder of the user's is named. */
    static Optional<EngineDownload> ofThisMachine() {
        if (Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH") != null) {
            return Optional.empty();
        }
        Platform platform = Platform.detectPlatform("pytorch");
        return platform.isPlaceholder()
                ? Optional.of(new EngineDownload(
                        platform.getFlavor(),
                        platform.getVersion(),
                        platform.getClassifier(),
                        Utils.getEngineCacheDir("pytorch")))
                : Optional.empty();
    }

    /**
     * Sees to it that the libraries are there.
     *
     * @param yes asks the user a question
     * @param fetch loads the engine, which downloads
     * @return why they are not; empty if they are
     */
    Optional<Finding> settle(Predicate<String> yes, Runnable fetch) {
        if (isThere()) {
            return Optional.empty();
        }
        if (!flavour.startsWith("cu")) {
            return Optional.of(missing(
                    "and no CUDA GPU is seen",
                    "install NVIDIA's driver and CUDA 12's libcudart, or use a PyTorch that is there (imagerl --torch"
                            + " PATH), or build without --cuda for the CPU"));
        }
        if (!yes.test("PyTorch " + version + " for CUDA (" + flavour + ", " + classifier + ") is not on this machine."
                + " Download it once from publish.djl.ai to " + cache + ", 2 to 3 GB?")) {
            return Optional.of(missing(
                    "and it was not downloaded",
                    "imagerl doctor --yes downloads it once, 2 to 3 GB from publish.djl.ai; without a network use a"
                            + " PyTorch that is there (imagerl --torch PATH), or copy " + cache
                            + " from a machine that has it"));
        }
        return fetched(fetch);
    }

    private Optional<Finding> fetched(Runnable fetch) {
        String before = System.getProperty(OFFLINE, "false");
        System.setProperty(OFFLINE, "false");
        try {
            fetch.run();
            return Optional.empty();
        } catch (RuntimeException | LinkageError e) {
            Finding why = Finding.broken("engine", e, "");
            return Optional.of(missing(
                    "and the download failed (" + why.found() + ")",
                    "try again with a network, or use a PyTorch that is there: imagerl --torch PATH"));
        } finally {
            System.setProperty(OFFLINE, before);
        }
    }

    private static Finding missing(String reason, String remedy) {
        return Finding.broken("engine", "this distribution has no PyTorch in it, " + reason, remedy);
    }

    /** DJL takes any CUDA of the same major version. */
    private boolean isThere() {
        String begin = version + "-" + flavour.substring(0, Math.min(4, flavour.length()));
        if (!Files.isDirectory(cache)) {
            return false;
        }
        try (Stream<Path> folders = Folders.entries(cache)) {
            return folders.filter(folder -> String.valueOf(folder.getFileName()).startsWith(begin))
                    .filter(folder -> String.valueOf(folder.getFileName()).endsWith("-" + classifier))
                    .anyMatch(folder -> Files.exists(folder.resolve(System.mapLibraryName("torch"))));
        } catch (IOException e) {
            return false; // DJL will say why it cannot read its own folder
        }
    }
}
