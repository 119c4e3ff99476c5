package org.imagerl.spark.score;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ExifOrientation;
import org.imagerl.spi.UserException;

/**
 * What every task of a scoring run needs to know.
 *
 * @param id unique among all runs that these executors may compute
 * @param rewards as the command line names them
 * @param folder of the driver's process, to which their paths are relative
 * @param plugins paths of the jars of other plugins, the same on all machines
 * @param device where no executor is given a GPU
 * @param batchSize images in memory at a time
 * @param orientation what is done with the EXIF orientation of images
 * @param images where the executors find them
 * @param build of the driver
 * @param facts of the driver's rewards: those of the executors must be made of the same files
 */
record ScoringSpec(
        String id,
        List<String> rewards,
        String folder,
        List<String> plugins,
        String device,
        int batchSize,
        ExifOrientation orientation,
        ImageSource images,
        String build,
        Map<String, String> facts)
        implements Serializable {

    /**
     * Makes sure that an executor has the driver's build.
     *
     * @param here of the executor
     */
    void requireBuild(String here) {
        if (!here.equals(build)) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "has another imagerl (" + here + ", the driver has " + build
                            + "); install the same on all machines");
        }
    }

    /**
     * Makes sure that an executor's rewards are the driver's.
     *
     * @param here of the executor
     */
    void requireFacts(Map<String, String> here) {
        here.forEach((name, fact) -> {
            String there = facts.getOrDefault(name, "nothing");
            if (!fact.equals(there)) {
                throw UserException.input("reward " + name + ": its files or settings are not those of the driver: "
                        + fact + " here, " + there + " there; bring the same files to all machines");
            }
        });
    }
}
