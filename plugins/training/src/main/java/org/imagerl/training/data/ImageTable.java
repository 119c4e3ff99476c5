package org.imagerl.training.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.lists.Captions;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.FramedImage;
import org.imagerl.spi.data.StoredImage;
import org.jspecify.annotations.Nullable;

/** The examples of a table, or of a folder with captions. Each takes about 20 bytes of memory, however large its images are. */
final class ImageTable implements DataSource {
    private static final int MAX_NAMED = 10;

    /**
     * The settings.
     *
     * @param file a table: .csv, .jsonl, or a format of a plugin (.parquet); relative to the configuration. It is
     *     required for pairs; demonstrations without it are those of the folder's metadata.jsonl or metadata.csv, or its images
     *     with a file of the caption beside each
     * @param folder that the images lie in, and that names in the table are relative to; by default that of the table
     * @param split only rows that have this in their column {@code split}; by default all
     * @param heldOut share of the prompts that is not trained on, 0 to below 1: which these are follows from a hash of their text alone
     * @param size what becomes of an image of another size than the one that is trained
     * @param allowOutside whether the table may name images outside the folder
     * @param exifOrientation whether images are turned as their EXIF data ask for, before their size is looked at
     * @param buckets images of different proportions are trained at different sizes; by default all have that of the run
     */
    record Settings(
            @Nullable String file,
            @Nullable String folder,
            @Nullable String split,
            double heldOut,
            Fit size,
            boolean allowOutside,
            ExifOrientation exifOrientation,
            @Nullable Buckets buckets) {
        /** Checks the range. */
        Settings {
            if (!(heldOut >= 0 && heldOut < 1)) {
                throw new IllegalArgumentException("held_out must be at least 0 and below 1");
            }
        }
    }

    private final Path table;
    private final Columns columns;
    private final ExifOrientation orientation;
    private final Fit fit;
    private final @Nullable Buckets buckets;
    private final ExampleFile examples;
    private final List<Prompt> heldOut;
    private final List<Example> heldOutExamples;

    /** Hashes of the prompts, ascending, and the example of each. */
    private final long[] hashes;

    private final int[] ofHashes;

    /**
     * @param table or the folder
     * @param examples to train on, closed with this
     * @param hashes of their prompts, in their order
     */
    ImageTable(
            Path table,
            Columns columns,
            Settings settings,
            ExampleFile examples,
            long[] hashes,
            List<Prompt> heldOut,
            List<Example> heldOutExamples) {
        this.table = table;
        this.columns = columns;
        this.orientation = settings.exifOrientation();
        this.fit = settings.size();
        this.buckets = settings.buckets();
        this.examples = examples;
        this.heldOut = List.copyOf(heldOut);
        this.heldOutExamples = List.copyOf(heldOutExamples);
        this.ofHashes = IntStream.range(0, hashes.length)
                .boxed()
                .sorted((a, b) -> Long.compare(hashes[a], hashes[b])) // stable: those of a prompt stay in order
                .mapToInt(Integer::intValue)
                .toArray();
        this.hashes = Arrays.stream(ofHashes).mapToLong(index -> hashes[index]).toArray();
    }

    @Override
    public int images() {
        return columns.images().size();
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public Example example(int index) {
        return examples.get(index);
    }

    @Override
    public int[] examples(String text) {
        long wanted = PromptHash.of(text);
        int found = Arrays.binarySearch(hashes, wanted);
        if (found < 0) {
            return new int[0];
        }
        int from = found;
        while (from > 0 && hashes[from - 1] == wanted) {
            from--;
        }
        return IntStream.range(from, hashes.length)
                .takeWhile(at -> hashes[at] == wanted)
                .map(at -> ofHashes[at])
                .filter(index -> examples.get(index).prompt().text().equals(text))
                .toArray();
    }

    @Override
    public List<Prompt> heldOut() {
        return heldOut;
    }

    @Override
    public List<Example> heldOutExamples() {
        return heldOutExamples;
    }

    @Override
    public List<ImageSize> sizes(ImageSize run) {
        return buckets == null ? List.of(run) : buckets.sizes(run);
    }

    /** All images of a pair are trained at the size that is nearest to the preferred one. */
    @Override
    public ImageSize size(Example example, ImageSize run) {
        return size(example, sizes(run));
    }

    private ImageSize size(Example example, List<ImageSize> sizes) {
        if (sizes.size() == 1) {
            return sizes.get(0);
        }
        ImageDecoder.Size first = found(example.images().get(0));
        return Buckets.nearest(first.width(), first.height(), sizes);
    }

    private ImageDecoder.Size found(StoredImage image) {
        return ImageDecoder.size(Path.of(image.file()), orientation);
    }

    @Override
    public void check(ImageSize size) {
        List<ImageSize> sizes = sizes(size);
        List<String> problems = Stream.concat(
                        IntStream.range(0, examples.size()).mapToObj(examples::get), heldOutExamples.stream())
                .flatMap(example -> problems(example, sizes, size))
                .filter(problem -> !problem.isEmpty())
                .toList();
        if (!problems.isEmpty()) {
            int more = problems.size() - MAX_NAMED;
            String named = problems.stream().limit(MAX_NAMED).collect(Collectors.joining(System.lineSeparator()));
            throw UserException.input(named + (more > 0 ? System.lineSeparator() + "and " + more + " more" : ""));
        }
    }

    /** What the first bytes of its images show to be wrong with them. */
    private Stream<String> problems(Example example, List<ImageSize> sizes, ImageSize run) {
        ImageSize size;
        try {
            size = size(example, sizes);
        } catch (UserException e) {
            size = run; // the image is named below
        }
        ImageSize trained = size;
        return example.images().stream().map(image -> problem(image, trained));
    }

    /** Empty if nothing is. */
    private String problem(StoredImage image, ImageSize size) {
        try {
            ImageDecoder.Size found = found(image);
            if (fit == Fit.REFUSE) {
                Fit.require(size, found.width(), found.height(), image.file());
            } else if (buckets != null) {
                buckets.requireLarge(found.width(), found.height(), size, image.file());
            }
            return "";
        } catch (UserException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public RgbImage image(StoredImage image, ImageSize size) {
        return framed(image, size).image();
    }

    @Override
    public FramedImage framed(StoredImage image, ImageSize size) {
        RgbImage decoded =
                ImageDecoder.decode(Path.of(image.file()), orientation).image();
        return fit.to(size, decoded, image.file());
    }

    @Override
    public List<Path> files() {
        return Files.isDirectory(table) ? captionFiles() : List.of(table);
    }

    private List<Path> captionFiles() {
        return IntStream.range(0, examples.size())
                .mapToObj(index -> Path.of(examples.get(index).images().get(0).file()))
                .distinct()
                .flatMap(image -> Captions.places(image).stream()
                        .filter(Files::isRegularFile)
                        .limit(1))
                .toList();
    }

    @Override
    public void close() {
        examples.close();
    }
}
