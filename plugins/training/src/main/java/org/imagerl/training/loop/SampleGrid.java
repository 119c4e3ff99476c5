package org.imagerl.training.loop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.imagerl.images.ContactSheet;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngText;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.Sampling;

/** Fixed prompts x fixed seeds, drawn again and again: how a person sees what training does. */
final class SampleGrid {
    private static final String REWARD = "reward";

    private final OpenRun run;
    private final Rollouts rollouts;
    private final List<Prompt> prompts = new ArrayList<>();
    private final List<Long> seeds = new ArrayList<>();
    private final int columns;

    SampleGrid(OpenRun run, Rollouts rollouts) {
        this.run = run;
        this.rollouts = rollouts;
        List<Prompt> heldOut = run.prompts().heldOut();
        List<Prompt> source = heldOut.isEmpty() ? run.prompts().train() : heldOut;
        RunConfig.Samples samples = run.config().samples();
        columns = samples.seeds().size();
        for (Prompt prompt : source.subList(0, Math.min(samples.prompts(), source.size()))) {
            for (long seed : samples.seeds()) {
                prompts.add(prompt);
                seeds.add(seed);
            }
        }
    }

    /** Draws the images and the grid into a folder; a sample that became no image is left out. */
    void write(Path folder) {
        long[] fixed = seeds.stream().mapToLong(Long::longValue).toArray();
        Sampling sampling = run.runtime()
                .sampling()
                .evaluation("samples", run.config().rewards().size());
        try (Rollout rollout = rollouts.sample(sampling, prompts, Seeds.own(fixed), false, "samples")) {
            double[] totals = rollout.rewards().totals();
            List<ContactSheet.Cell> cells = new ArrayList<>();
            for (int i = 0; i < fixed.length; i++) {
                RgbImage image = rollout.images().get(i).image();
                if (image == null) {
                    continue;
                }
                String reward = String.format(Locale.ROOT, "%.3f", totals[i]);
                cells.add(new ContactSheet.Cell(
                        image, List.of(caption(prompts.get(i)), "seed " + fixed[i] + ", reward " + reward)));
                Map<String, String> texts =
                        Map.of("prompt", prompts.get(i).text(), "seed", Long.toString(fixed[i]), REWARD, reward);
                PngWriter.write(folder.resolve(file(i)), image, texts);
            }
            PngWriter.write(
                    folder.resolve("grid.png"), ContactSheet.of(columns, cells).render(), Map.of());
        }
    }

    /** Two grids of the same prompts and seeds side by side, pair by pair. */
    void compare(Path before, Path after, Path target) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        List<String> headers = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            for (Path folder : List.of(before, after)) {
                Path file = folder.resolve(file(i));
                if (!Files.exists(file)) {
                    return;
                }
                RgbImage image = ImageDecoder.decode(file);
                String reward = PngText.read(file).getOrDefault(REWARD, "?");
                cells.add(new ContactSheet.Cell(image, List.of(caption(prompts.get(i)), "reward " + reward)));
            }
        }
        for (int i = 0; i < columns; i++) {
            headers.addAll(List.of("before, seed " + seeds.get(i), "after, seed " + seeds.get(i)));
        }
        PngWriter.write(target, new ContactSheet("", headers, 2 * columns, cells).render(), Map.of());
    }

    /** The text, and what is asked beside it. */
    private String caption(Prompt prompt) {
        StringBuilder caption = new StringBuilder(prompt.text());
        run.prompts()
                .asked(prompt)
                .forEach((name, value) ->
                        caption.append(", ").append(name).append(' ').append(value));
        return caption.toString();
    }

    private String file(int index) {
        return String.format(Locale.ROOT, "p%02d-s%d.png", index / columns, seeds.get(index));
    }
}
