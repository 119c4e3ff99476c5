package org.imagerl.spark.score;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.images.ImageFiles;
import org.imagerl.scoring.FoundImages;
import org.imagerl.scoring.ImageFinder;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.scoring.ScoringJob;
import org.imagerl.scoring.ScoringRun;
import org.imagerl.scoring.Tables;
import org.imagerl.spark.job.Jobs;
import org.imagerl.spark.job.Processors;
import org.imagerl.spi.io.ScratchFolder;
import org.jspecify.annotations.Nullable;

/**
 * Images to score, by what their place is: a path that all machines have, an address of Hadoop's file systems, or a Parquet table with the images in it.
 *
 * @param plugins paths of the jars of other plugins
 */
public record ScoringPlaces(JavaSparkContext spark, Jobs jobs, Processors processors, List<String> plugins) {

    /** As {@link ScoringCluster#open}. */
    public ScoringJob open(ScoringCluster.Asked asked, Tables tables) {
        String place = asked.place();
        boolean elsewhere = Store.isAddress(place);
        Store store = Store.of(
                elsewhere
                        ? place
                        : Path.of(place).toAbsolutePath().normalize().toUri().toString(),
                spark.hadoopConfiguration());
        TableImages table = elsewhere || Files.exists(Path.of(place)) ? table(store) : null;
        if (table == null && !elsewhere) {
            FoundImages found = ImageFinder.look(Path.of(place), asked.request(), tables);
            return job(found, ScoringRun.Options.place(Path.of(place)), asked, new SharedPaths(), () -> {});
        }
        ScratchFolder scratch = ScratchFolder.create();
        try {
            String address = elsewhere ? store.address() : ScoringRun.Options.place(Path.of(place));
            if (table != null) {
                FoundImages found = new ParquetTable(table, scratch.path()).look(place, asked.request());
                return job(found, address, asked, table, scratch::close);
            }
            StoredImages images = StoredImages.of(store, scratch.path());
            return job(images.look(store, asked.request(), tables), address, asked, images, scratch::close);
        } catch (RuntimeException | Error e) {
            scratch.close();
            throw e;
        }
    }

    private ScoringJob job(
            FoundImages found, String place, ScoringCluster.Asked asked, ImageSource images, Runnable memory) {
        SparkScoring executor = new SparkScoring(spark, jobs, processors, asked, plugins, images);
        return new ScoringJob(found, place, executor, memory);
    }

    /** The table with images that a place is; null if it is none. */
    private static @Nullable TableImages table(Store store) {
        TableImages table = null;
        if (isParquet(store.address())) {
            table = new TableImages(store.folder(), List.of(store.name()));
        } else if (store.isFolder()) {
            List<String> files = store.files(false);
            List<String> parts = files.stream()
                    .filter(name -> isParquet(name) && name.matches("[^._/][^/]*") && !ImageFinder.LISTS.contains(name))
                    .sorted()
                    .toList();
            boolean images = files.stream().anyMatch(name -> ImageFiles.named(Path.of(name)));
            table = parts.isEmpty() || images ? null : new TableImages(store, parts);
        }
        return table == null || !ParquetTable.hasImages(table) ? null : table;
    }

    private static boolean isParquet(String name) {
        return name.endsWith(".parquet");
    }
}
