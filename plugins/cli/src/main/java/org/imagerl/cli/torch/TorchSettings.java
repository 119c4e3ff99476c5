package org.imagerl.cli.torch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.CacheFolder;
import org.imagerl.spi.io.Sha256;

/**
 * The settings with which DJL loads an installed PyTorch. DJL loads every library of the folder that it is given, but
 * the libraries for Python do not load without Python, and {@code libcaffe2_nvrtc} does not load without a driver. So
 * DJL is given a folder with links to the libraries that are needed.
 *
 * @param torch the PyTorch
 * @param version that DJL is given: that of its JNI library, which was compared
 * @param flavour the folder of the JNI library
 * @param cudart the folder of {@code libcudart}, by which DJL counts GPUs
 */
record TorchSettings(TorchFolder torch, String version, String flavour, Optional<Path> cudart) {

    /** Lines for a shell; makes the folder with the links. */
    List<String> environment(CacheFolder cache) throws IOException {
        String folders = Stream.concat(
                        Stream.concat(torch.companions().stream(), Stream.of(torch.libraries()))
                                .map(TorchSettings::inPath),
                        Stream.of("${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"))
                .collect(Collectors.joining());
        return List.of(
                "export PYTORCH_LIBRARY_PATH=" + quoted(links(cache).toString()),
                "export PYTORCH_VERSION=" + version,
                "export PYTORCH_FLAVOR=" + flavour,
                "export LD_LIBRARY_PATH=" + folders.replaceFirst(":", ""));
    }

    private static String inPath(Path folder) {
        if (folder.toString().contains(":")) {
            throw UserException.input(
                    folder + ": has a colon, by which the loader divides paths; move or link it elsewhere");
        }
        return ":" + quoted(folder.toString());
    }

    /** What JNA, with which DJL looks for {@code libcudart}, is given: it finds a library with a version there, as pip installs it. */
    Optional<String> javaOption() {
        return cudart.map(folder -> "-Djna.library.path=" + folder);
    }

    private Path links(CacheFolder cache) throws IOException {
        List<Path> files = torch.loaded();
        String content = files.stream().map(file -> file + "\n").collect(Collectors.joining());
        byte[] list = content.getBytes(StandardCharsets.UTF_8);
        return cache.filled(
                "torch-" + Sha256.ofText(content).substring(0, 16), Map.of("links.txt", (long) list.length), folder -> {
                    for (Path file : files) {
                        Files.createSymbolicLink(folder.resolve(String.valueOf(file.getFileName())), file);
                    }
                    Files.write(folder.resolve("links.txt"), list);
                });
    }

    /** As one word of a shell. */
    static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./+=:-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
