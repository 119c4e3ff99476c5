package org.imagerl.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.io.AtomicFile;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder of pictures {@code p000-s0.png}, the number of the prompt and the seed; a grid of them; and {@code prompts.jsonl}, by
 * which {@code imagerl score} knows what belongs to which.
 */
final class PictureFolder {
    /** More would be a grid that nobody looks at. */
    private static final int MAX_GRID_PICTURES = 256;

    private static final int MAX_COLUMNS = 16;

    private final Path folder;
    private final Stamp stamp;
    private final List<ContactSheet.Cell> cells = new ArrayList<>();
    private final StringBuilder list = new StringBuilder();

    /**
     * What all pictures of the folder have in common.
     *
     * @param checkpoint its name
     * @param loras files and scales
     * @param dynamics name and settings
     */
    record Stamp(String checkpoint, List<String> loras, String dynamics) {}

    private record Wish(int number, Prompt prompt, long seed) {
        String fileName() {
            return String.format(Locale.ROOT, "p%03d-s%d.png", number, seed);
        }
    }

    PictureFolder(Path folder, Stamp stamp) {
        this.folder = folder;
        this.stamp = stamp;
    }

    /** Makes a picture for every prompt and seed, prompt by prompt; stops between batches if asked to. */
    void fill(PictureMaker maker, List<Prompt> prompts, List<Long> seeds, Progress progress) {
        List<Wish> wishes = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            for (long seed : seeds) {
                wishes.add(new Wish(i, prompts.get(i), seed));
            }
        }
        int batch = maker.settings().batch();
        for (int from = 0; from < wishes.size() && !progress.stopped(); from += batch) {
            List<Wish> some = wishes.subList(from, Math.min(from + batch, wishes.size()));
            List<RgbImage> images = make(maker, some, from, wishes.size(), progress);
            for (int i = 0; i < images.size(); i++) {
                add(maker.settings(), some.get(i), images.get(i));
            }
        }
        if (!cells.isEmpty()) {
            AtomicFile.writeText(folder.resolve("prompts.jsonl"), list.toString());
            int columns = Math.min(MAX_COLUMNS, seeds.size() == 1 ? cells.size() : seeds.size());
            PngWriter.write(
                    folder.resolve("grid.png"), ContactSheet.of(columns, cells).render(), Map.of());
        }
    }

    private static List<RgbImage> make(PictureMaker maker, List<Wish> wishes, int from, int all, Progress progress) {
        long[] seeds = wishes.stream().mapToLong(Wish::seed).toArray();
        List<Prompt> prompts = wishes.stream().map(Wish::prompt).toList();
        long steps = maker.settings().steps();
        return maker.make(
                prompts,
                seeds,
                step -> progress.update("sample", from * steps + wishes.size() * (long) step, all * steps, ""));
    }

    private void add(PictureMaker.Settings settings, Wish wish, RgbImage image) {
        PngWriter.write(folder.resolve(wish.fileName()), image, texts(settings, wish));
        Map<String, Object> line = new LinkedHashMap<>(wish.prompt().metadata());
        line.put("file_name", wish.fileName());
        line.put("prompt", wish.prompt().text());
        line.put("seed", wish.seed());
        list.append(JsonMapper.shared().writeValueAsString(line)).append('\n');
        if (cells.size() < MAX_GRID_PICTURES) {
            cells.add(new ContactSheet.Cell(image, List.of(wish.prompt().text(), "seed " + wish.seed())));
        }
    }

    private Map<String, String> texts(PictureMaker.Settings settings, Wish wish) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("prompt", wish.prompt().text());
        texts.put("negative_prompt", settings.negative());
        texts.put("seed", Long.toString(wish.seed()));
        texts.put("steps", Integer.toString(settings.steps()));
        texts.put("guidance", Double.toString(settings.guidance()));
        texts.put("dynamics", stamp.dynamics());
        texts.put("checkpoint", stamp.checkpoint());
        texts.put("lora", String.join(", ", stamp.loras()));
        texts.put("Software", "imagerl " + Version.current());
        texts.values().removeIf(String::isEmpty);
        return texts;
    }
}
