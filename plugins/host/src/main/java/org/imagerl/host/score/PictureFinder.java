package org.imagerl.host.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.host.config.PromptFile;
import org.imagerl.images.EmbeddedPrompt;
import org.imagerl.images.PictureFiles;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.jspecify.annotations.Nullable;

/**
 * Finds pictures and their prompts. In the order of precedence, the prompt of a picture is
 *
 * <ol>
 *   <li>the one given for all
 *   <li>that of a list ({@link PromptFile}): by the field {@code file_name}, relative to the list; without that field, the
 *       prompts in their order for the pictures in the order of their names, as many
 *   <li>the content of {@code NAME.txt} beside {@code NAME.png}
 *   <li>what the file itself says, as {@link EmbeddedPrompt} reads it
 *   <li>none, an empty text, which rewards that need one refuse
 * </ol>
 *
 * <p>A folder's list is the one given, or its {@code prompts.jsonl}, {@code metadata.jsonl}, {@code prompts.csv},
 * {@code metadata.csv}, {@code prompts.parquet}, {@code metadata.parquet} or {@code prompts.txt}.
 */
public final class PictureFinder {
    private static final List<String> LISTS = List.of(
            "prompts.jsonl",
            "metadata.jsonl",
            "prompts.csv",
            "metadata.csv",
            "prompts.parquet",
            "metadata.parquet",
            "prompts.txt");
    private static final String FILE_NAME = "file_name";
    private static final int MAX_SIDECAR_BYTES = 1 << 16;

    private PictureFinder() {}

    /** As {@link #find(Path, String, Path, Tables)}, with lists in the formats on board. */
    public static List<Picture> find(Path path, @Nullable String prompt, @Nullable Path list) {
        return find(path, prompt, list, Tables.ON_BOARD);
    }

    /**
     * Finds the pictures of a folder (not of folders in it), a list with {@code file_name}, or one picture.
     *
     * @param path the folder, list or picture
     * @param prompt for all pictures, or null
     * @param list of prompts, or null
     * @param tables reads lists
     * @return pictures in the order of their names, or of the list
     * @throws UserException if there are none, or the list does not fit them
     */
    public static List<Picture> find(Path path, @Nullable String prompt, @Nullable Path list, Tables tables) {
        if (!Files.exists(path)) {
            throw UserException.input(path + ": there is no such file or folder");
        }
        if (Files.isRegularFile(path) && !PictureFiles.named(path)) {
            return listed(path, path.resolveSibling("."), tables.prompts(path));
        }
        List<Path> files = Files.isDirectory(path) ? pictures(path) : List.of(path);
        Path used = list != null || prompt != null ? list : listIn(path);
        if (used == null) {
            return files.stream()
                    .map(file -> prompt == null
                            ? new Picture(name(file), file, null)
                            : picture(name(file), file, prompt, Map.of()))
                    .toList();
        }
        List<Prompt> prompts = tables.prompts(used);
        boolean named = prompts.stream().anyMatch(p -> p.metadata().containsKey(FILE_NAME));
        return named ? listed(used, used.resolveSibling("."), prompts) : inOrder(used, files, prompts);
    }

    private static List<Picture> listed(Path list, Path folder, List<Prompt> prompts) {
        List<Picture> pictures = new ArrayList<>();
        for (Prompt prompt : prompts) {
            String name = prompt.metadata().get(FILE_NAME);
            if (name == null) {
                throw UserException.input(list + ": prompt " + prompt.id() + " has no " + FILE_NAME);
            }
            pictures.add(picture(name, folder.resolve(name).normalize(), prompt.text(), prompt.metadata()));
        }
        return pictures;
    }

    private static List<Picture> inOrder(Path list, List<Path> files, List<Prompt> prompts) {
        if (files.size() != prompts.size()) {
            throw UserException.input(list + ": has " + prompts.size() + " prompts for " + files.size()
                    + " pictures; without " + FILE_NAME + " they must be as many");
        }
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            Prompt prompt = prompts.get(i);
            pictures.add(picture(name(files.get(i)), files.get(i), prompt.text(), prompt.metadata()));
        }
        return pictures;
    }

    private static Picture picture(String name, Path file, String prompt, Map<String, String> metadata) {
        return new Picture(name, file, new Prompt(prompt, prompt, metadata));
    }

    private static List<Path> pictures(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> pictures = files.filter(Files::isRegularFile)
                    .filter(PictureFiles::named)
                    .sorted()
                    .toList();
            if (pictures.isEmpty()) {
                throw UserException.input(folder + ": has no pictures (" + PictureFiles.endings() + ")");
            }
            return pictures;
        } catch (IOException e) {
            throw UserException.input(folder + ": cannot be listed: " + e, e);
        }
    }

    private static @Nullable Path listIn(Path folder) {
        return LISTS.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(null);
    }

    /** What the image itself says it shows; with the reason if that cannot be read. */
    static EmbeddedPrompt ownPrompt(Path file) {
        Path sidecar = file.resolveSibling(name(file).replaceFirst("\\.[^.]*$", ".txt"));
        try {
            return Files.isRegularFile(sidecar) && !sidecar.equals(file)
                    ? new EmbeddedPrompt(
                            BoundedFile.text(sidecar, MAX_SIDECAR_BYTES).strip(), "text file beside it", "")
                    : EmbeddedPrompt.read(file);
        } catch (UserException e) {
            return new EmbeddedPrompt("", "", String.valueOf(e.getMessage()));
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
