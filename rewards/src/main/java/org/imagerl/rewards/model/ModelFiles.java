package org.imagerl.rewards.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * The ONNX files of a folder: one model, or two towers; directly in it, or in {@code onnx/} in it.
 *
 * @param model of both towers, or of an image alone; null if there are two
 * @param text the text tower; null if there is one model
 * @param vision the image tower; null if there is one model
 * @param head what makes a score of an embedding, or null
 */
record ModelFiles(
        @Nullable Path model,
        @Nullable Path text,
        @Nullable Path vision,
        @Nullable Path head) {

    /**
     * Finds them: those that are named, else {@code model.onnx}, else {@code text_model.onnx} and {@code vision_model.onnx}, else the
     * only .onnx file.
     *
     * @throws UserException if there are none, listing what is there
     */
    static ModelFiles find(Resolution resolution) {
        Path folder = resolution.folder();
        OnnxConfig.Files named = resolution.config().files();
        if (!Files.isDirectory(folder)) {
            throw UserException.input(folder + ": there is no such folder");
        }
        Path head = named == null ? null : wanted(folder, named.head(), "files.head");
        if (head == null) {
            head = usual(folder, "head.onnx");
            head = head == null ? usual(folder, "head.json") : head;
        }
        Path model = named == null ? null : wanted(folder, named.model(), "files.model");
        Path text = named == null ? null : wanted(folder, named.textModel(), "files.text_model");
        Path vision = named == null ? null : wanted(folder, named.visionModel(), "files.vision_model");
        if (model == null && text == null && vision == null) {
            model = usual(folder, "model.onnx");
        }
        if (model == null) {
            text = text == null ? usual(folder, "text_model.onnx") : text;
            vision = vision == null ? usual(folder, "vision_model.onnx") : vision;
        }
        if (model == null && vision == null) {
            text = null;
            model = only(resolution);
        }
        return new ModelFiles(model, text, vision, head);
    }

    private static @Nullable Path wanted(Path folder, @Nullable String name, String key) {
        if (name == null) {
            return null;
        }
        Path named = FolderFile.resolve(folder, name, key);
        Path file = usual(folder, name);
        if (file == null) {
            if (Files.exists(named)) {
                FolderFile.require(folder, named, key); // says what it is instead
            }
            throw UserException.input(named + ": there is no such file; the folder has " + shown(folder));
        }
        FolderFile.require(folder, file, key);
        return file;
    }

    private static @Nullable Path usual(Path folder, String name) {
        for (Path file : List.of(folder.resolve(name), folder.resolve("onnx").resolve(name))) {
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    private static Path only(Resolution resolution) {
        Path folder = resolution.folder();
        List<Path> found = list(folder).stream()
                .filter(name -> name.endsWith(".onnx") && !name.endsWith("head.onnx"))
                .map(folder::resolve)
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        throw UserException.input(folder + ": has no model.onnx, and no text_model.onnx with vision_model.onnx; it has "
                + shown(folder)
                + ". Export the model by: optimum-cli export onnx --model NAME FOLDER, or name its files in "
                + resolution.place().model());
    }

    private static String shown(Path folder) {
        return Quote.plain(list(folder).toString());
    }

    /** Names of the files in the folder and in {@code onnx/}. */
    private static List<String> list(Path folder) {
        List<String> names = new ArrayList<>();
        for (String sub : new String[] {"", "onnx/"}) {
            Path in = folder.resolve(sub);
            if (Files.isDirectory(in)) {
                try (Stream<Path> files = Folders.entries(in)) {
                    files.filter(Files::isRegularFile)
                            .map(file -> sub + file.getFileName())
                            .sorted()
                            .limit(100)
                            .forEach(names::add);
                } catch (IOException e) {
                    throw IoProblems.reading(in, e);
                }
            }
        }
        return names;
    }

    /** All of them, and the weights of those that are too large for one file, under the two names that exporters give them. */
    List<Path> all() {
        return Stream.of(model, text, vision, head)
                .filter(file -> file != null)
                .flatMap(file ->
                        Stream.of("", "_data", ".data").map(end -> file.resolveSibling(file.getFileName() + end)))
                .filter(Files::isRegularFile)
                .toList();
    }
}
