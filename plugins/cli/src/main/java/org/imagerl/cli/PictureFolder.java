package org.imagerl.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;

/** A folder of pictures {@code p000-s0.png}, the number of the prompt and the seed, and a grid of them. */
final class PictureFolder {
    /** More would be a grid that nobody looks at. */
    private static final int MAX_GRID_PICTURES = 256;

    private final Path folder;
    private final Stamp stamp;

    /**
     * What all pictures of the folder have in common.
     *
     * @param checkpoint its name
     * @param loras files and scales
     * @param dynamics name and settings
     */
    record Stamp(String checkpoint, List<String> loras, String dynamics) {}

    private record Wish(int number, Prompt prompt, long seed) {}

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
        List<ContactSheet.Cell> cells = new ArrayList<>();
        int batch = maker.settings().batch();
        for (int from = 0; from < wishes.size() && !progress.stopped(); from += batch) {
            List<Wish> some = wishes.subList(from, Math.min(from + batch, wishes.size()));
            List<RgbImage> images = make(maker, some, from, wishes.size(), progress);
            for (int i = 0; i < images.size(); i++) {
                write(maker.settings(), some.get(i), images.get(i));
                if (cells.size() < MAX_GRID_PICTURES) {
                    String caption = "seed " + some.get(i).seed();
                    cells.add(new ContactSheet.Cell(
                            images.get(i), List.of(some.get(i).prompt().text(), caption)));
                }
            }
        }
        if (!cells.isEmpty()) {
            int columns = Math.min(seeds.size() == 1 ? 8 : seeds.size(), Math.min(16, cells.size()));
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

    private void write(PictureMaker.Settings settings, Wish wish, RgbImage image) {
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
        PngWriter.write(folder.resolve(String.format("p%03d-s%d.png", wish.number(), wish.seed())), image, texts);
    }
}
