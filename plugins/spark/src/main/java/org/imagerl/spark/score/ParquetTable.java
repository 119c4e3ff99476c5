package org.imagerl.spark.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.imagerl.scoring.FoundImages;
import org.imagerl.scoring.ImageFinder;
import org.imagerl.scoring.ImageItem;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import tools.jackson.databind.json.JsonMapper;

/** What a Parquet table says of the images that it holds: all columns but the images themselves, read as the lines of a list. */
final class ParquetTable {
    private static final String FILE_NAME = "file_name";
    private static final String PATH = "path";

    private final TableImages images;
    private final Path folder;
    private final List<Path> places = new ArrayList<>();

    /**
     * @param images whose files are read
     * @param folder of this machine in which rows have their paths; nothing is written there but the list
     */
    ParquetTable(TableImages images, Path folder) {
        this.images = images;
        this.folder = folder;
    }

    /**
     * The images.
     *
     * @param name of the table, for the header
     * @throws UserException if the rows are no list, or a file has no images
     */
    FoundImages look(String name, ImageFinder.Request request) {
        if (request.list() != null) {
            throw UserException.input(name + ": is a table with its own prompts, so that --prompts cannot name a list");
        }
        Path lines = folder.resolve("list.jsonl");
        try (Writer out = Files.newBufferedWriter(lines)) {
            for (int file = 0; file < images.files().size(); file++) {
                rows(file, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<ImageItem> items = new ArrayList<>();
        for (Prompt prompt : PromptFile.readList(lines)) {
            Path place = places.get(Integer.parseInt(prompt.id()) - 1);
            String text = request.prompt() == null ? prompt.text() : request.prompt();
            String source = request.prompt() == null ? name : "--prompt";
            items.add(new ImageItem(
                    prompt.metadata().getOrDefault(FILE_NAME, ""),
                    place,
                    text.isBlank() ? null : new ImageItem.Given(text, source),
                    prompt.metadata()));
        }
        return new FoundImages(items, Map.of("by", "rows of a table", "list", name), List.of());
    }

    private void rows(int file, Writer out) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(
                images.folder().path(images.files().get(file)), images.folder().configuration()))) {
            MessageType whole = reader.getFileMetaData().getSchema();
            imageAlone(whole);
            MessageType texts = new MessageType(whole.getName(), withoutImages(whole));
            reader.setRequestedSchema(texts);
            int group = 0;
            for (PageReadStore pages = reader.readNextRowGroup(); pages != null; pages = reader.readNextRowGroup()) {
                RecordReader<Group> records = new ColumnIOFactory()
                        .getColumnIO(texts)
                        .getRecordReader(pages, new GroupRecordConverter(texts));
                for (int row = 0; row < pages.getRowCount(); row++) {
                    places.add(new TableImages.Place(file, group, row).in(folder));
                    Map<String, String> line = line(records.read());
                    line.putIfAbsent(FILE_NAME, "row " + places.size());
                    out.write(JsonMapper.shared().writeValueAsString(line));
                    out.write('\n');
                }
                group++;
            }
        } catch (RuntimeException e) { // of the library, for a file that is damaged
            if (e instanceof UserException) {
                throw e;
            }
            throw images.unreadable(images.files().get(file), e);
        }
    }

    /** Whether the first file of the table holds images. */
    static boolean hasImages(TableImages images) {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(
                images.folder().path(images.files().get(0)), images.folder().configuration()))) {
            return hasImages(reader.getFileMetaData().getSchema());
        } catch (IOException | RuntimeException e) {
            throw images.unreadable(images.files().get(0), e);
        }
    }

    private static boolean hasImages(MessageType table) {
        if (!table.containsField(TableImages.IMAGE)) {
            return false;
        }
        Type image = table.getType(TableImages.IMAGE);
        return image.isPrimitive()
                ? isBytes(image)
                : image.asGroupType().containsField(TableImages.BYTES)
                        && isBytes(image.asGroupType().getType(TableImages.BYTES));
    }

    /** The column of images. */
    static Type imageAlone(MessageType table) {
        if (!hasImages(table)) {
            throw UserException.input(
                    "the table has no column image of bytes, or of a struct with bytes; its columns are "
                            + table.getFields().stream().map(Type::getName).toList());
        }
        Type image = table.getType(TableImages.IMAGE);
        return image.isPrimitive()
                ? image
                : new GroupType(
                        image.getRepetition(),
                        TableImages.IMAGE,
                        image.asGroupType().getType(TableImages.BYTES));
    }

    private static boolean isBytes(Type type) {
        return type.isPrimitive()
                && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
                && !(type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation);
    }

    /** Plain columns, and of images their paths. */
    private static List<Type> withoutImages(MessageType table) {
        List<Type> plain = new ArrayList<>();
        for (Type type : table.getFields()) {
            if (type.getName().equals(TableImages.IMAGE)) {
                if (!type.isPrimitive() && type.asGroupType().containsField(PATH)) {
                    plain.add(new GroupType(
                            type.getRepetition(),
                            TableImages.IMAGE,
                            type.asGroupType().getType(PATH)));
                }
            } else if (type.isPrimitive() && !type.isRepetition(Type.Repetition.REPEATED) && !isBytes(type)) {
                plain.add(type);
            }
        }
        return plain;
    }

    private static Map<String, String> line(Group row) {
        Map<String, String> line = new LinkedHashMap<>();
        for (Type type : row.getType().getFields()) {
            if (row.getFieldRepetitionCount(type.getName()) == 0) {
                continue;
            }
            if (type.isPrimitive()) {
                line.put(type.getName(), row.getValueToString(row.getType().getFieldIndex(type.getName()), 0));
            } else {
                Group image = row.getGroup(type.getName(), 0);
                if (image.getFieldRepetitionCount(PATH) > 0) {
                    line.putIfAbsent(FILE_NAME, image.getString(PATH, 0));
                }
            }
        }
        return line;
    }
}
