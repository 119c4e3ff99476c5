package org.imagerl.scoring.prompt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.images.lists.ListFile;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.UserText;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * Files of prompts:
 *
 * <ul>
 *   <li>{@code .txt}: a prompt per line; empty lines and comments ({@code # ...}) are skipped, and {@code --n TEXT} behind a prompt is its
 *       negative prompt
 *   <li>{@code .jsonl}: an object per line with {@code prompt}, optionally {@code id}, {@code negative_prompt} and {@code metadata};
 *       further fields (for instance {@code seed}, {@code split}, {@code text}) become metadata too
 *   <li>{@code .csv}: a header with the column {@code prompt}, optionally {@code id} and {@code negative_prompt}; further columns become
 *       metadata
 * </ul>
 *
 * <p>What is text is {@link UserText}'s matter, and what fields may be {@link ListFile}'s. The id of a prompt without one is its line number.
 * In lists of images, with {@code file_name}, {@code text} may stand for {@code prompt}: Hugging Face's {@code metadata.jsonl} often names
 * it so.
 */
public final class PromptFile {
    /** Far beyond what any text encoder takes. */
    private static final int MAX_PROMPT_CHARS = 20_000;

    /** A list of images as Hugging Face has it. */
    private static final List<String> IMAGE_LIST = List.of("file_name", "text");

    private static final Set<String> TEXTS = Set.of("prompt", "file_name", Prompt.NEGATIVE);
    private static final ListFile.Fields FIELDS =
            new ListFile.Fields(Set.of("prompt", "file_name", Prompt.NEGATIVE, "text", "id"), TEXTS);

    /** Images are distinguished by their names, so that an id may be anything. */
    private static final ListFile.Fields IMAGE_FIELDS =
            new ListFile.Fields(Set.of("prompt", "file_name", Prompt.NEGATIVE, "text"), TEXTS);

    private final Path file;
    private final boolean images;
    private final Problems problems = new Problems();
    private final List<Prompt> prompts = new ArrayList<>();
    private final Map<String, Integer> lineOfId = new HashMap<>();

    private PromptFile(Path file, boolean images) {
        this.file = file;
        this.images = images;
    }

    /**
     * Reads all prompts.
     *
     * @throws UserException with all problems, each with file and line; also if there is no prompt
     */
    public static List<Prompt> read(Path file) {
        return new PromptFile(file, false).read();
    }

    /**
     * Reads a list of images or of prompts for them. The id of each entry is its line; the text is empty where an entry names an image and
     * no prompt.
     *
     * @throws UserException as {@link #read(Path)}
     */
    public static List<Prompt> readList(Path file) {
        return new PromptFile(file, true).read();
    }

    private List<Prompt> read() {
        if (String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".txt")) {
            lines();
        } else if (ListFile.named(file)) {
            ListFile.read(file, images ? IMAGE_FIELDS : FIELDS, new Entries());
        } else {
            throw UserException.input(file + ": prompts are read from .txt, .jsonl and .csv files");
        }
        problems.throwIfAny();
        if (prompts.isEmpty()) {
            throw UserException.input(file + ": has no prompts");
        }
        return List.copyOf(prompts);
    }

    /**
     * Where the prompts of a file stand, by their ids.
     *
     * @throws UserException as {@link #read(Path)}
     */
    public static Map<String, Origin> places(Path file) {
        PromptFile read = new PromptFile(file, false);
        read.read();
        Map<String, Origin> places = new HashMap<>();
        read.lineOfId.forEach((id, line) -> places.put(id, read.place(line)));
        return places;
    }

    /**
     * Reads the prompts of a split, or all where none is named.
     *
     * @throws UserException as {@link #read(Path)}, and listing the splits if there is none of that name
     */
    public static List<Prompt> read(Path file, @Nullable String split) {
        List<Prompt> all = read(file);
        if (split == null) {
            return all;
        }
        List<Prompt> chosen = all.stream()
                .filter(prompt -> split.equals(prompt.metadata().get("split")))
                .toList();
        if (chosen.isEmpty()) {
            TreeSet<String> splits = new TreeSet<>();
            all.forEach(prompt -> splits.add(prompt.metadata().getOrDefault("split", "none")));
            throw UserException.input(
                    file + ": has no prompts of split " + split + " (its splits: " + String.join(", ", splits) + ")");
        }
        return chosen;
    }

    /**
     * Says when negative prompts do nothing.
     *
     * @param guidance scale of classifier-free guidance, 1 is none
     */
    public static void warnUnguided(List<Prompt> prompts, double guidance, Consumer<String> warnings) {
        long with = prompts.stream()
                .filter(prompt -> prompt.metadata().containsKey(Prompt.NEGATIVE))
                .count();
        if (guidance == 1 && with > 0) {
            warnings.accept(with + " of " + prompts.size()
                    + " prompts have a negative prompt, which does nothing without guidance (guidance is 1)");
        }
    }

    private void lines() {
        int number = 0;
        for (Iterator<String> lines =
                        BoundedFile.text(file, ListFile.MAX_BYTES).lines().iterator();
                lines.hasNext(); ) {
            int line = ++number;
            String content = UserText.withoutMark(lines.next()).strip();
            if (!content.isEmpty() && !PromptLine.isComment(content)) {
                add(line, PromptLine.fields(content, problem -> problem(line, "", problem)));
            }
        }
    }

    private final class Entries implements ListFile.Entries {
        @Override
        public boolean header(List<String> names) {
            boolean enough = names.contains("prompt")
                    || names.containsAll(IMAGE_LIST)
                    || (images && names.contains("file_name"));
            if (!enough) {
                problem(1, "", "the header has no column named prompt; it has " + Quote.of(names.toString()));
            }
            return enough;
        }

        @Override
        public void entry(int line, Map<String, String> fields) {
            add(line, fields);
        }

        @Override
        public void problem(int line, String field, String message) {
            PromptFile.this.problem(line, field, message);
        }
    }

    private void add(int line, Map<String, String> fields) {
        boolean image = fields.keySet().containsAll(IMAGE_LIST) && !fields.containsKey("prompt");
        String given = fields.remove(image ? "text" : "prompt");
        String prompt = given == null ? "" : given;
        String number = Integer.toString(line);
        String own = images ? null : fields.remove("id");
        String id = own == null ? number : own;
        if (prompt.isBlank() && !(images && fields.containsKey("file_name"))) {
            problem(line, "prompt", "is missing");
        } else if (prompt.length() > MAX_PROMPT_CHARS) {
            problem(line, "prompt", "has more than " + MAX_PROMPT_CHARS + " characters");
        } else if (lineOfId.putIfAbsent(id, line) != null && !images) {
            problem(line, "id", Quote.of(id) + " is used twice, first on line " + lineOfId.get(id));
        } else {
            prompts.add(new Prompt(id, prompt, fields));
        }
    }

    private void problem(int line, String key, String message) {
        problems.add(place(line), key, message);
    }

    private Origin place(int line) {
        return new Origin(file.toString(), line, 0);
    }
}
