package org.imagerl.spark.score;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Images on a file system that all machines have under the same path. */
record SharedPaths() implements ImageSource {
    @Override
    public void read(List<Listed> items, int batchSize, boolean together, Consumer<Copies> ready) {
        ready.accept(new Copies(
                items.stream().map(item -> item.at(Path.of(item.file()))).toList(), message -> message));
    }
}
