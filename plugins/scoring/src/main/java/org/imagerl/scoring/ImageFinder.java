package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.images.EmbeddedPrompt;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.lists.Captions;
import org.imagerl.images.lists.ImageListing;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * Finds images and their prompts. In the order of precedence, the prompt of an image is
 *
 * <ol>
 *   <li>the one given for all
 *   <li>that of a list ({@link PromptFile}): by the field {@code file_name}, relative to the folder of images or else to the list;
 *       without that field, the prompts in their order for the images in the natural order of their names, as many
 *   <li>the content of {@code NAME.txt} or {@code NAME.caption} beside {@code NAME.png}
 *   <li>what the file itself says, as {@link EmbeddedPrompt} reads it
 *   <li>none, an empty text, which rewards that need one refuse
 * </ol>
 *
 * <p>A folder's list is the one given, or its {@code prompts.jsonl}, {@code metadata.jsonl}, {@code prompts.csv},
 * {@code metadata.csv}, {@code prompts.parquet}, {@code metadata.parquet} or {@code prompts.txt}.
 */
public final class ImageFinder {
    /** Names of lists that are read without being asked for; the first that is there. */
    public static final List<String> LISTS = List.of(
            "prompts.jsonl",
            "metadata.jsonl",
            "prompts.csv",
            "metadata.csv",
            "prompts.parquet",
            "metadata.parquet",
            "prompts.txt");

    private static final String FILE_NAME = "file_name";

    private final Path path;
    private final Request request;
    private final Tables tables;
    private final List<String> notices = new ArrayList<>();

    /**
     * The options beside the path.
     *
     * @param prompt for all images, or null
     * @param list of prompts, or null
     * @param outside whether a list may name files outside its folder
     */
    public record Request(@Nullable String prompt, @Nullable Path list, boolean outside) {}

    private ImageFinder(Path path, Request request, Tables tables) {
        this.path = path;
        this.request = request;
        this.tables = tables;
    }

    /** As {@link #look}, with lists in the formats on board. */
    public static List<ImageItem> find(Path path, @Nullable String prompt, @Nullable Path list) {
        return look(path, new Request(prompt, list, false), Tables.ON_BOARD).items();
    }

    /**
     * Finds the images of a folder (not of folders in it), a list with {@code file_name}, or one image.
     *
     * @param path the folder, list or image
     * @param tables reads lists
     * @throws UserException if there are none, or the list does not fit them
     */
    public static FoundImages look(Path path, Request request, Tables tables) {
        if (!Files.exists(path)) {
            throw UserException.input(path + ": there is no such file or folder");
        }
        if (request.prompt != null && request.list != null) {
            throw UserException.input("--prompt and --prompts both say what the images show: give one of them");
        }
        ImageFinder finder = new ImageFinder(path, request, tables);
        return Files.isDirectory(path) ? finder.folder() : finder.file();
    }

    private FoundImages file() {
        BoundedFile.requireRegular(path);
        if (ImageFiles.named(path)) {
            return prompted(List.of(path), request.list);
        }
        if (request.list != null) {
            throw UserException.input(path + ": is a list itself, so that --prompts cannot name another");
        }
        return listed(path, path.toAbsolutePath().resolveSibling("."), tables.prompts(path));
    }

    private FoundImages folder() {
        ImageListing listing = ImageListing.of(path);
        if (!listing.notice().isEmpty()) {
            notices.add(path + ": " + listing.notice());
        }
        Path list = request.list == null && request.prompt == null ? ownList() : request.list;
        if (list == null && listing.images().isEmpty()) {
            throw listing.refusal(path);
        }
        return prompted(withoutSheet(listing.images(), list == null), list);
    }

    /** Without the sheet of all images that imagerl writes beside them, if they are there too. */
    private List<Path> withoutSheet(List<Path> images, boolean told) {
        List<Path> singles = images.stream().filter(ImageFiles::single).toList();
        if (singles.isEmpty() || singles.size() == images.size()) {
            return images;
        }
        if (told) {
            notices.add(path + ": grid.png gets no score: imagerl writes the sheet of all images under this name");
        }
        return singles;
    }

    private FoundImages prompted(List<Path> files, @Nullable Path list) {
        if (list == null) {
            Map<String, Object> pairing =
                    Map.of("by", request.prompt == null ? "each image itself" : "one prompt for all");
            return found(
                    files.stream()
                            .map(file -> new ImageItem(name(file), file, option(), Map.of()))
                            .toList(),
                    pairing);
        }
        List<Prompt> prompts = tables.prompts(list);
        if (prompts.stream().anyMatch(prompt -> prompt.metadata().containsKey(FILE_NAME))) {
            Path root = Files.isDirectory(path) ? path : path.toAbsolutePath().resolveSibling(".");
            return only(files, listed(list, root, prompts), list);
        }
        if (files.isEmpty()) {
            throw ImageListing.of(path).refusal(path);
        }
        FoundImages paired = OrderPairing.of(list, files, prompts);
        notices.addAll(paired.notices());
        return found(paired.items(), paired.pairing());
    }

    private ImageItem.@Nullable Given option() {
        return request.prompt == null ? null : ImageItem.Given.option(request.prompt);
    }

    private FoundImages listed(Path list, Path root, List<Prompt> prompts) {
        ListedFiles files = new ListedFiles(root, list, request.outside);
        Problems problems = new Problems();
        List<ImageItem> items = new ArrayList<>();
        for (Prompt prompt : prompts) {
            Origin origin = new Origin(list.toString(), Integer.parseInt(prompt.id()), 0);
            String name = prompt.metadata().get(FILE_NAME);
            if (name == null) {
                problems.add(origin, FILE_NAME, "is missing; the other entries of the list have one");
                continue;
            }
            Path file = files.find(name, problem -> problems.add(origin, FILE_NAME, problem));
            if (file != null) {
                ImageItem.Given given = prompt.text().isBlank() ? null : ImageItem.Given.list(prompt.text(), list);
                items.add(new ImageItem(name, file, request.prompt == null ? given : option(), prompt.metadata()));
            }
        }
        problems.throwIfAny();
        if (!files.notice(list).isEmpty()) {
            notices.add(files.notice(list));
        }
        return found(items, Map.of("by", FILE_NAME, "list", name(list)));
    }

    /** Of one image what a list says of it; of a folder all that the list names, and a word on the rest. */
    private FoundImages only(List<Path> files, FoundImages listed, Path list) {
        if (!Files.isDirectory(path)) {
            Path wanted = ListedFiles.place(path);
            List<ImageItem> one = listed.items().stream()
                    .filter(item -> ListedFiles.place(item.file()).equals(wanted))
                    .toList();
            if (one.isEmpty()) {
                throw UserException.input(list + ": has no entry with the " + FILE_NAME + " " + Quote.of(name(path)));
            }
            return new FoundImages(one, listed.pairing(), List.of());
        }
        Set<Path> named = new HashSet<>();
        listed.items().forEach(item -> named.add(ListedFiles.place(item.file())));
        List<String> others = files.stream()
                .filter(file -> !named.contains(ListedFiles.place(file)))
                .map(ImageFinder::name)
                .toList();
        if (!others.isEmpty()) {
            notices.add(others.size() + " of the images in " + path + " are not in the list " + name(list)
                    + " and get no score, the first: " + Quote.of(others.get(0)));
        }
        return found(listed.items(), listed.pairing());
    }

    private FoundImages found(List<ImageItem> items, Map<String, Object> pairing) {
        return new FoundImages(List.copyOf(items), pairing, List.copyOf(notices));
    }

    private @Nullable Path ownList() {
        List<Path> lists = LISTS.stream()
                .map(path::resolve)
                .filter(list -> Files.exists(list, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(list))
                .toList();
        if (lists.size() > 1) {
            notices.add("of the lists in " + path + " " + name(lists.get(0)) + " is read, not "
                    + String.join(
                            ", ", lists.stream().skip(1).map(ImageFinder::name).toList())
                    + "; name another by --prompts");
        }
        return lists.isEmpty() ? null : lists.get(0);
    }

    /** What is beside an image, else in it; empty with the reason if that cannot be read. */
    static EmbeddedPrompt ownPrompt(Path file) {
        String unreadable = ImageItem.Found.UNREADABLE;
        try {
            Optional<String> caption = Captions.beside(file);
            unreadable = "";
            return caption.isPresent()
                    ? new EmbeddedPrompt(caption.get(), "text file beside it", "")
                    : EmbeddedPrompt.read(file);
        } catch (UserException e) {
            return new EmbeddedPrompt("", unreadable, String.valueOf(e.getMessage()));
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
