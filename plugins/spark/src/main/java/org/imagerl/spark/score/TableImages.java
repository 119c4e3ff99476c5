package org.imagerl.spark.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.imagerl.scoring.ImageItem;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.ScratchFolder;
import org.jspecify.annotations.Nullable;

/**
 * Images in the column {@code image} of a Parquet table: bytes, or as Hugging Face's data sets have them a struct with {@code bytes}. A task has the images of
 * one row group, which parquet-hadoop reads into memory as a whole. The path of an item is {@code FILE/GROUP/ROW}, with numbers.
 *
 * @param folder of the table's files
 * @param files their names in it
 */
record TableImages(Store folder, List<String> files) implements ImageSource {
    static final String IMAGE = "image";
    static final String BYTES = "bytes";

    /** Where a row is. */
    record Place(int file, int group, int row) {
        static Place of(Listed item) {
            Path path = Path.of(item.file());
            int end = path.getNameCount();
            return new Place(number(path, end - 3), number(path, end - 2), number(path, end - 1));
        }

        private static int number(Path path, int index) {
            return Integer.parseInt(path.getName(index).toString());
        }

        Path in(Path folder) {
            return folder.resolve(file + "/" + group + "/" + row);
        }

        private boolean sameGroup(Place other) {
            return file == other.file && group == other.group;
        }
    }

    /** Row groups: to read a part of one costs as much as to read it all. */
    @Override
    public List<List<Listed>> portions(List<Listed> items, int atATime) {
        List<List<Listed>> portions = new ArrayList<>();
        Place last = null;
        for (Listed item : items) {
            Place place = Place.of(item);
            if (last == null || !last.sameGroup(place)) {
                portions.add(new ArrayList<>());
            }
            portions.get(portions.size() - 1).add(item);
            last = place;
        }
        return portions;
    }

    @Override
    public void read(List<Listed> items, int batchSize, boolean together, Consumer<Copies> ready) {
        int step = together ? Math.max(1, items.size()) : batchSize;
        try (Rows rows = new Rows()) {
            for (int from = 0; from < items.size(); from += step) {
                try (ScratchFolder scratch = ScratchFolder.create()) {
                    List<ImageItem> copies = new ArrayList<>();
                    for (Listed item : items.subList(from, Math.min(from + step, items.size()))) {
                        copies.add(item.at(rows.copy(Place.of(item), scratch.path())));
                    }
                    ready.accept(new Copies(copies, message -> plain(message, scratch.path())));
                }
            }
        }
    }

    private String plain(String message, Path scratch) {
        for (int file = 0; file < files.size(); file++) {
            message = message.replaceAll(
                    Pattern.quote(scratch + "/" + file + "/") + "[0-9]+/([0-9]+)",
                    Matcher.quoteReplacement(folder.path(files.get(file)).toString()) + " (row $1 of its row group)");
        }
        return message;
    }

    /** Reads rows forwards. */
    private final class Rows implements AutoCloseable {
        private @Nullable ParquetFileReader reader;
        private @Nullable RecordReader<Group> records;
        private Place next = new Place(-1, -1, 0);

        Path copy(Place place, Path to) {
            Path copy = place.in(to);
            try {
                Files.createDirectories(copy.getParent());
                byte[] bytes = bytes(place);
                if (bytes != null) {
                    Files.write(copy, bytes);
                }
                return copy;
            } catch (IOException | RuntimeException e) {
                throw unreadable(files.get(place.file), e);
            }
        }

        private byte @Nullable [] bytes(Place place) throws IOException {
            if (!next.sameGroup(place) || place.row < next.row) {
                open(place);
            }
            RecordReader<Group> rows = Objects.requireNonNull(records);
            Group group = rows.read();
            for (int row = next.row; row < place.row; row++) {
                group = rows.read();
            }
            next = new Place(place.file, place.group, place.row + 1);
            if (group.getFieldRepetitionCount(IMAGE) == 0) {
                return null;
            }
            if (group.getType().getType(IMAGE).isPrimitive()) {
                return group.getBinary(IMAGE, 0).getBytes();
            }
            Group image = group.getGroup(IMAGE, 0);
            return image.getFieldRepetitionCount(BYTES) == 0
                    ? null
                    : image.getBinary(BYTES, 0).getBytes();
        }

        private void open(Place place) throws IOException {
            close();
            ParquetFileReader opened = ParquetFileReader.open(
                    HadoopInputFile.fromPath(folder.path(files.get(place.file)), folder.configuration()));
            reader = opened;
            MessageType whole = opened.getFileMetaData().getSchema();
            MessageType column = new MessageType(whole.getName(), ParquetTable.imageAlone(whole));
            opened.setRequestedSchema(column);
            PageReadStore pages = opened.readRowGroup(place.group);
            records =
                    new ColumnIOFactory().getColumnIO(column).getRecordReader(pages, new GroupRecordConverter(column));
            next = new Place(place.file, place.group, 0);
        }

        @Override
        public void close() {
            try {
                if (reader != null) {
                    reader.close();
                }
            } catch (IOException e) {
                throw unreadable("", e);
            }
        }
    }

    UserException unreadable(String file, Exception e) {
        return UserException.input(folder.path(file) + ": cannot be read as Parquet: " + e.getMessage(), e);
    }
}
