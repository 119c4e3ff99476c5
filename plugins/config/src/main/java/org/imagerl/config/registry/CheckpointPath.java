package org.imagerl.config.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;

/** Explains why a path is not a checkpoint of any known family; each kind of mistake has its own remedy. */
public final class CheckpointPath {
    private static final String INDEX = "model_index.json";
    private static final String WANTED =
            "a checkpoint is a folder in the layout of diffusers, with a model_index.json, or"
                    + " a single .safetensors file";
    private static final String SINGLE_FILE = ".safetensors";
    private static final List<String> PICKLES = List.of(".ckpt", ".pt", ".pth", ".bin", ".pkl");

    /** Parts of the names of pipelines that are no text-to-image, and what they are. */
    private static final Map<String, String> OTHER_TASKS = Map.of(
            "Inpaint",
                    "an inpainting checkpoint: its UNet also takes a mask and the masked image, 9 channels in place of"
                            + " 4",
            "InstructPix2Pix",
                    "a checkpoint that edits images: its UNet also takes the image, 8 channels in place of 4",
            "Depth2Img",
                    "a checkpoint that is guided by depth: its UNet also takes a depth map, 5 channels in place of 4",
            "Upscale", "a checkpoint that enlarges images: its UNet also takes the small image",
            "ControlNet", "a checkpoint with a ControlNet, which also takes an image");

    private CheckpointPath() {}

    /**
     * Says what is wrong and what to do.
     *
     * @param path as resolved
     * @param written as the user wrote it
     * @param families that are known, for the message
     */
    static UserException problem(Path path, String written, List<String> families) {
        if (Files.isRegularFile(path)) {
            return UserException.input(path + ": " + file(String.valueOf(path.getFileName())) + "; " + WANTED);
        }
        if (!Files.isDirectory(path)) {
            return UserException.input(path + ": " + missing(path, written) + "; " + WANTED);
        }
        if (!Files.isRegularFile(path.resolve(INDEX))) {
            return UserException.input(path + ": is no checkpoint folder, it " + folder(path) + "; " + WANTED
                    + (families.isEmpty() ? "" : ", of a known family: " + String.join(", ", families)));
        }
        return UserException.input(path + ": is no checkpoint folder of a known family (" + String.join(", ", families)
                + "): " + family(path));
    }

    /**
     * Refuses a path at which there is nothing, with the remedy of how it is spelled.
     *
     * @throws UserException if there is neither a file nor a folder
     */
    public static void requireExisting(Path path) {
        if (!Files.exists(path)) {
            throw UserException.input(path + ": " + missing(path, path.toString()));
        }
    }

    /** Whether it is a file that may be a checkpoint by itself: whatever else it is, nobody calls another thing so. */
    public static boolean isSingleFile(Path path) {
        return path.toString().toLowerCase(Locale.ROOT).endsWith(SINGLE_FILE) && Files.isRegularFile(path);
    }

    /**
     * Refuses what can be no checkpoint of whatever family.
     *
     * @throws UserException if it is missing, or another file
     */
    public static void requirePossible(Path path) {
        if (!Files.isDirectory(path) && !isSingleFile(path)) {
            throw problem(path, path.toString(), List.of());
        }
    }

    private static String file(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (PICKLES.stream().anyMatch(lower::endsWith)) {
            return "is a pickle, which may run any program when it is loaded: take the .safetensors file of the same"
                    + " model";
        }
        if (lower.endsWith(".gguf")) {
            return "is a GGUF file, whose quantisations are not read: take the .safetensors file of the model";
        }
        if (lower.endsWith(SINGLE_FILE)) {
            return "is no single file of a known family: it has none of the names by which the denoisers of SD 1.x,"
                    + " 2.x, XL, 3 and FLUX.1 are known (imagerl inspect says what it is)";
        }
        return lower.equals(INDEX) ? "is a file of a checkpoint: name its folder" : "is a file";
    }

    private static String missing(Path path, String written) {
        if (written.startsWith("~")) {
            String rest = written.substring(Math.min(2, written.length()));
            return "there is no such folder: \"~\" is the home folder for a shell only; write the whole path, "
                    + Path.of(System.getProperty("user.home", "/home/you")).resolve(rest);
        }
        if (written.matches("[A-Za-z]:[\\\\/].*")
                && path.getFileSystem().getSeparator().equals("/")) {
            return "there is no such folder: " + Quote.of(written)
                    + " is a path of Windows; write the path that it has on this machine";
        }
        if (written.matches("[A-Za-z][A-Za-z0-9+.-]*://.*")) {
            return Quote.of(written) + " is an address, and nothing is downloaded here: download the checkpoint first,"
                    + " and name its folder or file";
        }
        if (Files.exists(path)) {
            return "is a device, pipe or socket";
        }
        Path parent = path.getParent();
        if (written.matches("[A-Za-z0-9][\\w.-]*/[\\w.-]+")
                && !written.endsWith(SINGLE_FILE)
                && (parent == null || !Files.exists(parent))) {
            return "there is no such folder; if " + Quote.of(written) + " is the name of a model on a hub: nothing is"
                    + " downloaded here, so download it first (hf download " + written
                    + " --local-dir DIR) and name that folder";
        }
        return "there is no such file or folder";
    }

    private static String folder(Path path) {
        Path parent = path.toAbsolutePath().normalize().getParent();
        if (parent != null && Files.isRegularFile(parent.resolve(INDEX))) {
            return "is one component of a checkpoint: name " + parent;
        }
        if (Files.isDirectory(path.resolve("snapshots"))) {
            return "is a folder of the cache of Hugging Face: name the folder below its snapshots/";
        }
        List<String> files = names(path);
        if (files.contains("adapter_config.json") || files.contains("pytorch_lora_weights.safetensors")) {
            return "has the weights of a LoRA alone: name the checkpoint that it was trained on; sample --lora uses"
                    + " both, and export --merge makes one checkpoint of them";
        }
        if (files.contains("config.json") && !files.contains("unet") && !files.contains("transformer")) {
            return "is one model, not a whole checkpoint with its text encoders and autoencoder";
        }
        return files.stream().anyMatch(name -> name.endsWith(SINGLE_FILE) || name.endsWith(".ckpt"))
                ? "has no " + INDEX + ", but a single file of weights: name that file"
                : "has no " + INDEX;
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.limit(1000)
                    .map(entry -> String.valueOf(entry.getFileName()))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String family(Path path) {
        String name = StrictJson.object(path.resolve(INDEX)).path("_class_name").asString("");
        return OTHER_TASKS.entrySet().stream()
                .filter(task -> name.contains(task.getKey()))
                .findFirst()
                .map(task -> INDEX + " names the pipeline " + Quote.of(name) + ", which is " + task.getValue()
                        + "; only text-to-image is trained here")
                .orElse(INDEX + " names the pipeline " + Quote.of(name));
    }
}
