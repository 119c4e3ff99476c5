package org.imagerl.ui;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The sample grids that a study keeps of a run: before training, and at its end.
 *
 * @param raw the folder that has them
 * @param run the name of the run
 */
record GridImages(OwnFolder raw, String run) implements ImageSets {
    private static final String GRID = "grid";

    @Override
    public SortedMap<Long, String> titles() {
        SortedMap<Long, String> titles = new TreeMap<>();
        if (file(1).isPresent()) {
            titles.put(1L, "at the end");
            file(0).ifPresent(before -> titles.put(0L, "before training"));
        }
        return titles;
    }

    @Override
    public Map<String, Path> files(long key) {
        return file(key).map(file -> Map.of(GRID, file)).orElse(Map.of());
    }

    private Optional<Path> file(long key) {
        return raw.find((key == 0 ? "before-training" : run) + ".png");
    }
}
