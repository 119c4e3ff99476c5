package org.imagerl.diffusion.pretrain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PictureFiles;
import org.imagerl.images.PilResize;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.safetensors.StrictJson;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder of pictures with captions: {@code metadata.jsonl} with {@code file_name} and {@code text} (Hugging Face's imagefolder), or a
 * {@code NAME.txt} beside each picture. Pictures of another size are resized to cover and cropped at the centre.
 */
final class FolderPictures implements PictureSource {
    private static final long MAX_CAPTION_BYTES = 1 << 16;

    private final Map<Path, String> captions = new TreeMap<>();
    private final List<Path> files;
    private final int width;
    private final int height;

    FolderPictures(Path folder, int width, int height) {
        this.width = width;
        this.height = height;
        Path metadata = folder.resolve("metadata.jsonl");
        try {
            if (Files.exists(metadata)) {
                readMetadata(folder, metadata);
            } else {
                readSidecars(folder);
            }
        } catch (IOException e) {
            throw UserException.input(folder + ": cannot be read: " + e.getMessage(), e);
        }
        if (captions.isEmpty()) {
            throw UserException.input(
                    folder + ": no captioned pictures; give each NAME.png a NAME.txt, or all a metadata.jsonl"
                            + " with the keys file_name and text");
        }
        files = List.copyOf(captions.keySet());
    }

    private void readMetadata(Path folder, Path metadata) throws IOException {
        int line = 0;
        for (String text : Files.readAllLines(metadata)) {
            line++;
            if (text.isBlank()) {
                continue;
            }
            String where = metadata + ":" + line;
            ObjectNode entry = StrictJson.object(where, text);
            if (!entry.path("file_name").isString() || !entry.path("text").isString()) {
                throw UserException.input(where + ": needs the strings file_name and text");
            }
            Path file = folder.resolve(entry.get("file_name").asString()).normalize();
            if (!file.startsWith(folder.normalize())) {
                throw UserException.input(where + ": file_name leads out of the folder: "
                        + entry.get("file_name").asString());
            }
            captions.put(file, entry.get("text").asString());
        }
    }

    private void readSidecars(Path folder) throws IOException {
        List<Path> pictures = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            entries.filter(PictureFiles::named).forEach(pictures::add);
        }
        for (Path picture : pictures) {
            String name = String.valueOf(picture.getFileName());
            Path sidecar = picture.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".txt");
            if (!Files.exists(sidecar) || Files.size(sidecar) > MAX_CAPTION_BYTES) {
                throw UserException.input(
                        picture + ": has no caption; expected it in " + sidecar.getFileName() + " (at most 64 KiB)");
            }
            captions.put(picture, Files.readString(sidecar).strip());
        }
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public Captioned get(int index) {
        Path file = files.get(index);
        return new Captioned(fit(ImageDecoder.decode(file)), captions.getOrDefault(file, ""));
    }

    private RgbImage fit(RgbImage image) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        double scale = Math.max((double) width / image.width(), (double) height / image.height());
        int wide = Math.max(width, (int) Math.round(image.width() * scale));
        int high = Math.max(height, (int) Math.round(image.height() * scale));
        return crop(PilResize.bicubic(image, wide, high));
    }

    private RgbImage crop(RgbImage image) {
        int left = (image.width() - width) / 2;
        int top = (image.height() - height) / 2;
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            System.arraycopy(image.rgb(), 3 * ((top + y) * image.width() + left), rgb, 3 * y * width, 3 * width);
        }
        return new RgbImage(width, height, rgb);
    }
}
