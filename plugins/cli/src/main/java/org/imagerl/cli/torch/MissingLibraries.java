package org.imagerl.cli.torch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which libraries the loader would not find: those that the libraries of PyTorch need, those that these need, and so on. It looks where the loader
 * looks: in the paths that a library names itself, in the folders that will be in {@code LD_LIBRARY_PATH}, and in those of the system.
 *
 * @param looked how many libraries were read
 * @param missing by name, the libraries that need them
 */
record MissingLibraries(int looked, Map<String, Set<String>> missing) {
    private static final int MAX_LIBRARIES = 1000;
    /** Of the C and C++ libraries, which Java itself runs on; a system may keep them where only its own loader knows. */
    private static final Pattern SYSTEM = Pattern.compile(
            "(ld-linux.*|libc|libm|libdl|librt|libpthread|libutil|libresolv|libgcc_s|libstdc\\+\\+)\\.so(\\.[0-9]+)*");

    /** Looks for what these files need, which must be libraries for the machine. */
    static MissingLibraries of(List<Path> files, List<Path> extra, Machine machine) {
        Map<String, Set<String>> missing = new TreeMap<>();
        Set<Path> seen = new TreeSet<>(files);
        Deque<Path> waiting = new ArrayDeque<>(files);
        while (!waiting.isEmpty() && seen.size() < MAX_LIBRARIES) {
            ElfFile library = ElfFile.read(waiting.remove());
            List<Path> folders = new ArrayList<>(library.searchPath());
            folders.addAll(extra);
            folders.addAll(machine.folders());
            for (String name : library.needed()) {
                Optional<Path> found = find(name, folders);
                if (found.isPresent()) {
                    if (seen.add(found.get())) {
                        waiting.add(found.get());
                    }
                } else if (!SYSTEM.matcher(name).matches()) {
                    missing.computeIfAbsent(name, none -> new TreeSet<>())
                            .add(String.valueOf(library.path().getFileName()));
                }
            }
        }
        return new MissingLibraries(seen.size(), missing);
    }

    private static Optional<Path> find(String name, List<Path> folders) {
        if (name.isEmpty() || name.contains("/") || SYSTEM.matcher(name).matches()) {
            return Optional.empty(); // a path is of the machine that it was built on
        }
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isRegularFile)
                .findFirst();
    }
}
