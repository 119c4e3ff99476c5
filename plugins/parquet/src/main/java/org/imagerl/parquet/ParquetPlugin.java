package org.imagerl.parquet;

import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.NoConfig;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.TableFormat;

/** Adds the format {@code .parquet}. */
public final class ParquetPlugin implements Plugin {

    private static final class ParquetFactory implements Factory<TableFormat, NoConfig> {
        @Override
        public String name() {
            return "parquet";
        }

        @Override
        public String description() {
            return "Parquet tables of images, prompts and results, by DuckDB";
        }

        @Override
        public NoConfig defaults() {
            return new NoConfig();
        }

        @Override
        public TableFormat create(NoConfig config, Context context) {
            return new ParquetFormat(context.threads());
        }
    }

    @Override
    public String name() {
        return "parquet";
    }

    @Override
    public List<Factory<? extends TableFormat, ?>> tableFormats() {
        return List.of(new ParquetFactory());
    }
}
