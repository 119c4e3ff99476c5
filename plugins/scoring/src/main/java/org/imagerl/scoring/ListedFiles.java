package org.imagerl.scoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * The files that a list names. A list may be a stranger's: what it names lies in its folder, or it is refused. Lists travel between
 * systems: {@code \} stands for {@code /} where that finds a file, and a name is found whichever way its accents are composed
 * (macOS writes them decomposed).
 */
public final class ListedFiles {
    private static final int MAX_NAMED = 10;
    private static final String WINDOWS_ABSOLUTE = "(?s)(?:[A-Za-z]:|\\\\\\\\).*";

    private final Path root;
    private final Path realRoot;
    private final List<Path> bases;
    private final boolean outside;
    private final Map<Path, Map<String, String>> foldersSeen = new HashMap<>();
    private final List<String> missing = new ArrayList<>();
    private int missed;

    /**
     * @param root the folder that holds the files
     * @param list names are relative to the root, or to the folder of the list
     * @param outside whether files outside the root are wanted
     */
    public ListedFiles(Path root, Path list, boolean outside) {
        this.root = root.toAbsolutePath().normalize();
        this.realRoot = real(this.root);
        Path beside = list.toAbsolutePath().resolveSibling(".").normalize();
        this.bases = beside.equals(this.root) ? List.of(this.root) : List.of(this.root, beside);
        this.outside = outside;
    }

    /**
     * The file of a name, which need not be there: then it is among the {@link #notice missing}.
     *
     * @param problems takes why there can be none
     * @return null after a problem
     */
    public @Nullable Path find(String name, Consumer<String> problems) {
        if (name.isBlank()) {
            problems.accept("is empty");
            return null;
        }
        if (name.contains("://")) {
            problems.accept(Quote.of(name) + " is an address; images are read from files: download them first");
            return null;
        }
        try {
            return find(name, List.of(name, name.replace('\\', '/')), problems);
        } catch (InvalidPathException e) {
            problems.accept(Quote.of(name) + " can be no name of a file: " + e.getReason());
            return null;
        }
    }

    private @Nullable Path find(String name, List<String> spellings, Consumer<String> problems) {
        Path first = null;
        for (String spelling : spellings) {
            for (Path base : bases) {
                Path file = base.resolve(spelling).normalize();
                if (!allowed(file, name)) {
                    continue;
                }
                if (Files.exists(file)) {
                    return file;
                }
                first = first == null ? file : first;
            }
        }
        if (first == null) {
            problems.accept(
                    Quote.of(name) + " is not in " + root
                            + "; a list names files of its folder, unless --allow-outside, or data.allow_outside: true, says otherwise");
            return null;
        }
        return alike(name, first);
    }

    private boolean allowed(Path file, String name) {
        boolean elsewhere = name.matches(WINDOWS_ABSOLUTE) && !Path.of(name).isAbsolute();
        return outside || (!elsewhere && (file.startsWith(root) || place(file).startsWith(realRoot)));
    }

    /** A file in the real folder of the path's, so that the same folder named in two ways, through a link for instance, is one. */
    static Path place(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        return folder == null ? absolute : real(folder).resolve(absolute.getFileName());
    }

    private static Path real(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            return folder; // it is not there
        }
    }

    /** The file whose name is the same letters; else the one asked for, with a word on one that differs in case. */
    private Path alike(String name, Path file) {
        String wanted = String.valueOf(file.getFileName());
        String composed = names(file.resolveSibling(".").normalize()).get(key(wanted, false));
        if (composed != null) {
            return file.resolveSibling(composed);
        }
        String other = names(file.resolveSibling(".").normalize()).get(key(wanted, true));
        missed++;
        if (missing.size() < MAX_NAMED) {
            missing.add(Quote.of(name) + (other == null ? "" : " (there is " + Quote.of(other) + ")"));
        }
        return file;
    }

    private Map<String, String> names(Path folder) {
        return foldersSeen.computeIfAbsent(folder, ListedFiles::read);
    }

    private static Map<String, String> read(Path folder) {
        Map<String, String> names = new HashMap<>();
        try {
            for (Path file : Files.isDirectory(folder) ? FolderListing.of(folder) : List.<Path>of()) {
                String name = String.valueOf(file.getFileName());
                names.put(key(name, false), name);
                names.put(key(name, true), name);
            }
        } catch (UserException e) {
            return names; // a folder that may not be listed; its files are missing then
        }
        return names;
    }

    private static String key(String name, boolean anyCase) {
        String composed = Normalizer.normalize(name, Normalizer.Form.NFC);
        return anyCase ? "any case/" + composed.toLowerCase(Locale.ROOT) : composed;
    }

    /** What was not there, in a line that begins with the list; empty if nothing was. */
    public String notice(Path list) {
        return missed == 0 ? "" : list + ": " + notice();
    }

    /** What was not there; empty if nothing was. */
    public String notice() {
        if (missed == 0) {
            return "";
        }
        String more = missed > missing.size() ? " and " + (missed - missing.size()) + " more" : "";
        return missed
                + (missed == 1 ? " image is not there: " : " images are not there: ")
                + String.join(", ", missing)
                + more;
    }
}
