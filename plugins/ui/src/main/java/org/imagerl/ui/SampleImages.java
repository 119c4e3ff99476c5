package org.imagerl.ui;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.training.run.Checkpoints;

/**
 * The samples of a run: a folder per epoch.
 *
 * @param run its folder
 */
record SampleImages(OwnFolder run) implements ImageSets {
    private static final String SAMPLES = "samples";
    private static final int MAX_IMAGES = 64;

    @Override
    public SortedMap<Long, String> titles() {
        SortedMap<Long, String> titles = new TreeMap<>();
        run.folder(SAMPLES)
                .ifPresent(samples -> samples.names()
                        .forEach(name -> Checkpoints.step(Path.of(name))
                                .ifPresent(step -> titles.put(step, step == 0 ? "before training" : "epoch " + step))));
        return titles;
    }

    @Override
    public Map<String, Path> files(long key) {
        Map<String, Path> files = new LinkedHashMap<>();
        run.folder(SAMPLES, Checkpoints.name(key))
                .ifPresent(folder -> folder.names().stream()
                        .filter(name -> name.toLowerCase(Locale.ROOT).endsWith(".png") && !name.equals("grid.png"))
                        .limit(MAX_IMAGES)
                        .forEach(name -> folder.find(name).ifPresent(file -> files.put(name, file))));
        return files;
    }
}
