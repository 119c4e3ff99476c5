package org.imagerl.spark.score;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.imagerl.scoring.ImageItem;

/** Where executors find the images that the driver has listed. */
interface ImageSource extends Serializable {
    /** Images that one task scores; a task reads its images in their order. */
    default List<List<Listed>> portions(List<Listed> items, int atATime) {
        List<List<Listed>> portions = new ArrayList<>();
        for (int from = 0; from < items.size(); from += atATime) {
            portions.add(new ArrayList<>(items.subList(from, Math.min(from + atATime, items.size()))));
        }
        return portions;
    }

    /**
     * Makes files of images, some at a time.
     *
     * @param batchSize how many, except where they belong together
     * @param together whether they are all needed at the same time
     * @param ready takes them; they may be gone afterwards
     */
    void read(List<Listed> items, int batchSize, boolean together, Consumer<Copies> ready);

    /**
     * Copies of this machine.
     *
     * @param plain makes a message about one of them a message about what it was made from
     */
    record Copies(List<ImageItem> items, UnaryOperator<String> plain) {}
}
