package org.imagerl.cli.torch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.FolderListing;

/**
 * Where the parts of an installed PyTorch lie.
 *
 * @param libraries the folder of {@code libtorch.so}
 * @param version as PyTorch says, such as {@code 2.7.1+cu126}; empty if nothing says it
 * @param companions folders of the libraries of CUDA that pip installed beside it
 */
record TorchFolder(Path libraries, String version, List<Path> companions) {
    private static final int MAX_TEXT_BYTES = 1 << 16;
    private static final Pattern SAID = Pattern.compile("(?m)^__version__\\s*=\\s*['\"]([^'\"\\s]{1,64})['\"]");
    private static final Pattern METADATA = Pattern.compile("torch-([^-\\s]{1,64})\\.dist-info");

    TorchFolder {
        companions = List.copyOf(companions);
    }

    /**
     * Finds it in a virtual environment, a folder {@code site-packages}, {@code torch} or {@code torch/lib}, or what the libtorch archive unpacks.
     *
     * @throws UserException if there is none, or several
     */
    static TorchFolder find(Path given) {
        if (!Files.isDirectory(given)) {
            throw UserException.input(given
                    + ": is no folder; name a virtual environment of Python, or the folder torch in its site-packages");
        }
        Path place = given.toAbsolutePath().normalize();
        List<Path> found = Stream.concat(
                        Stream.of(place, place.resolve("lib"), place.resolve("torch/lib")),
                        pythons(place).stream().map(python -> python.resolve("site-packages/torch/lib")))
                .filter(folder -> Files.exists(folder.resolve("libtorch.so")))
                .toList();
        if (found.isEmpty()) {
            throw UserException.input(given
                    + ": there is no PyTorch for Linux in it (no torch/lib/libtorch.so); install one: python3 -m venv"
                    + " DIR, then DIR/bin/pip install torch==" + TorchJni.wantedVersion() + ", and name DIR");
        }
        if (found.size() > 1) {
            throw UserException.input(given + ": has several PyTorch: " + found + "; name one of these folders");
        }
        return of(found.get(0));
    }

    private static List<Path> pythons(Path environment) {
        List<Path> folders = new ArrayList<>();
        for (String name : List.of("lib", "lib64")) {
            Path folder = environment.resolve(name);
            if (Files.isDirectory(folder) && !Files.isSymbolicLink(folder)) { // lib64 is a link to lib
                FolderListing.of(folder).stream()
                        .filter(each -> String.valueOf(each.getFileName()).startsWith("python"))
                        .forEach(folders::add);
            }
        }
        return folders;
    }

    private static TorchFolder of(Path libraries) {
        Path torch = libraries.resolveSibling("");
        Path packages = torch.resolveSibling("");
        List<Path> companions = new ArrayList<>();
        if (Files.exists(
                torch.resolve("version.py"))) { // else it is no package of Python, and its neighbours are none of its
            Path nvidia = packages.resolve("nvidia");
            List<Path> parts = Files.isDirectory(nvidia) ? FolderListing.of(nvidia) : List.of();
            Stream.concat(parts.stream(), Stream.of(packages.resolve("cusparselt")))
                    .map(part -> part.resolve("lib"))
                    .filter(Files::isDirectory)
                    .forEach(companions::add);
        }
        return new TorchFolder(libraries, version(torch, packages), companions);
    }

    private static String version(Path torch, Path packages) {
        Path own = torch.resolve("version.py");
        if (Files.exists(own)) {
            Matcher said = SAID.matcher(BoundedFile.text(own, MAX_TEXT_BYTES));
            if (said.find()) {
                return said.group(1);
            }
            return FolderListing.of(packages).stream()
                    .map(entry -> METADATA.matcher(String.valueOf(entry.getFileName())))
                    .filter(Matcher::matches)
                    .map(name -> name.group(1))
                    .findFirst()
                    .orElse("");
        }
        Path archive = torch.resolve("build-version");
        return Files.exists(archive) ? BoundedFile.text(archive, MAX_TEXT_BYTES).strip() : "";
    }

    /** Whether a library lies in the folder. */
    boolean has(String library) {
        return Files.exists(libraries.resolve(library));
    }

    /** What PyTorch itself consists of, without the libraries for Python: those that DJL loads, in no certain order. */
    List<Path> loaded() {
        return FolderListing.of(libraries).stream()
                .filter(file -> String.valueOf(file.getFileName())
                        .matches("lib(c10|c10_cuda|torch|torch_cpu|torch_cuda|gomp[-.0-9a-f]*)\\.so(\\.[0-9]+)*"))
                .toList();
    }

    /** The folder in which a library of CUDA lies, of any version. */
    Optional<Path> holder(String library) {
        return Stream.concat(companions.stream(), Stream.of(libraries))
                .filter(folder -> FolderListing.of(folder).stream()
                        .anyMatch(file -> String.valueOf(file.getFileName()).startsWith(library)))
                .findFirst();
    }
}
