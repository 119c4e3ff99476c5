package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.PngText;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * Images with scores, and how many of the ones that were looked at have none.
 *
 * @param images in the order of the results, or of the names of folders and files
 * @param without images without a score or a prompt
 * @param reward the name of what scored them; of files of a run {@code reward}
 */
public record PairCandidates(List<ScoredImage> images, int without, String reward) {
    private static final String SAMPLES = "samples";
    private static final String STEP = "step-";
    private static final String REWARD = "reward";

    /**
     * Finds them.
     *
     * @param path results of {@code imagerl score}; or a run or folder whose PNG files have the texts {@code prompt} and {@code reward}, as the sample
     *     grids of runs
     * @param images the folder of the images of results; null is the one that was scored
     * @param reward of several; null where there is one
     * @throws UserException if there are none, naming what was looked at
     */
    public static PairCandidates find(Path path, @Nullable Path images, @Nullable String reward) {
        if (!Files.isDirectory(path)) {
            return results(path, images, reward);
        }
        if (reward != null || images != null) {
            throw UserException.input(path + ": is a folder, whose images have one reward each as a text in the file;"
                    + " --reward and --images go with results of imagerl score");
        }
        Path samples = path.resolve(SAMPLES);
        List<Path> folders = Files.isDirectory(samples)
                ? FolderListing.of(samples).stream()
                        .filter(folder ->
                                Files.isDirectory(folder) && name(folder).startsWith(STEP))
                        .toList()
                : List.of(path);
        return texts(path, folders);
    }

    private static PairCandidates results(Path results, @Nullable Path images, @Nullable String reward) {
        ScoreHeader header = ScoreHeader.read(results);
        ScoredImages files = ScoredImages.of(results, images);
        List<ScoredImage> found = new ArrayList<>();
        int[] without = {0};
        String[] name = {REWARD};
        ScoreReader.read(results, row -> {
            String column = column(results, row, reward);
            name[0] = column;
            double value = row.values().getOrDefault(column, Double.NaN);
            if (Double.isNaN(value) || row.prompt().isBlank()) {
                without[0]++;
                return;
            }
            boolean better = header == null || header.higherIsBetter(column);
            found.add(new ScoredImage(files.find(row.name()), row.prompt(), better ? value : -value));
        });
        return required(results, found, without[0], name[0]);
    }

    private static String column(Path results, ScoreRow row, @Nullable String reward) {
        if (reward == null && row.values().size() == 1) {
            return row.values().keySet().iterator().next();
        }
        if (reward == null || !row.values().containsKey(reward)) {
            throw UserException.input(results + ": "
                    + (reward == null ? "has several rewards" : "has no reward named " + Quote.of(reward))
                    + "; name one of "
                    + Quote.plain(String.join(", ", row.values().keySet())) + " by --reward");
        }
        return reward;
    }

    private static PairCandidates texts(Path path, List<Path> folders) {
        List<ScoredImage> found = new ArrayList<>();
        int without = 0;
        for (Path folder : folders) {
            for (Path file : FolderListing.of(folder)) {
                if (!ImageFiles.named(file)) {
                    continue;
                }
                ScoredImage image = image(file);
                if (image == null) {
                    without++;
                } else {
                    found.add(image);
                }
            }
        }
        return required(path, found, without, REWARD);
    }

    private static @Nullable ScoredImage image(Path file) {
        Map<String, String> texts = PngText.read(file);
        String prompt = texts.getOrDefault("prompt", "");
        try {
            double reward = Double.parseDouble(texts.getOrDefault(REWARD, ""));
            return prompt.isBlank() || Double.isNaN(reward) ? null : new ScoredImage(file, prompt, reward);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static PairCandidates required(Path path, List<ScoredImage> found, int without, String reward) {
        if (found.isEmpty()) {
            throw UserException.input(path + ": has no image with a score and a prompt"
                    + (without > 0 ? ", but " + without + " without" : "")
                    + "; score them first: imagerl score FOLDER --reward NAME --out scores.csv");
        }
        return new PairCandidates(List.copyOf(found), without, reward);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
