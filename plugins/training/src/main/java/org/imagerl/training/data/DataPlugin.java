package org.imagerl.training.data;

import java.util.List;
import org.imagerl.images.ExifOrientation;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.data.DataSource;

/** Tables and folders of images. */
public final class DataPlugin implements Plugin {

    /** Reads tables of some columns. */
    private record TableFactory(String name, String description, Columns columns)
            implements Factory<DataSource, ImageTable.Settings> {

        @Override
        public ImageTable.Settings defaults() {
            return new ImageTable.Settings(null, null, null, 0, Fit.REFUSE, false, ExifOrientation.APPLY, null);
        }

        @Override
        public DataSource create(ImageTable.Settings config, Context context) {
            return ImageTableReader.read(columns, config, context);
        }
    }

    @Override
    public String name() {
        return "data";
    }

    @Override
    public List<Factory<? extends DataSource, ?>> dataSources() {
        return List.of(
                new TableFactory("pairs", "a table of preference pairs: prompt, chosen, rejected", Columns.PAIRS),
                new TableFactory(
                        "demonstrations",
                        "prompts and images: a table (prompt, image), or a folder with captions",
                        Columns.DEMONSTRATIONS));
    }
}
