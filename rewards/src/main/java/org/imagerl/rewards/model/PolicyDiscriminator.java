package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.ImageFiles;
import org.imagerl.images.PngText;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.imagerl.spi.work.Workers;

/**
 * A discriminator that was trained on folders of images, each folder of one policy.
 *
 * @param discriminator that was trained
 * @param files of the images
 * @param facts what came of it, by name
 */
record PolicyDiscriminator(Discriminator discriminator, List<Path> files, Map<String, String> facts) {
    /** One of so many prompts is held out. */
    private static final int HELD_OUT = 5;

    private static final int MOST = 20_000;
    private static final String KEY = "reference-image: policies: ";

    private record Image(Path file, int policy) {}

    /**
     * Trains one; the same images give the same one.
     *
     * @param folders of PNG files with the text {@code prompt}, as {@code imagerl sample} writes them
     * @throws UserException if there is nothing to compare, or a file is no image
     */
    static PolicyDiscriminator train(List<Path> folders, Embedder embedder, Workers workers) {
        SortedMap<String, List<Image>> images = images(folders);
        List<Image> all = images.values().stream().flatMap(List::stream).toList();
        if (all.size() > MOST) {
            throw UserException.input(KEY + "have " + all.size() + " images with prompts; at most " + MOST
                    + " are embedded whenever the reward is made: take fewer");
        }
        List<float[]> embeddings =
                workers.map(all.size(), i -> embedding(embedder, all.get(i).file()));
        List<DiscriminatorFit.Group> trained = new ArrayList<>();
        List<DiscriminatorFit.Group> heldOut = new ArrayList<>();
        int first = 0;
        for (List<Image> own : images.values()) {
            DiscriminatorFit.Group group = new DiscriminatorFit.Group(
                    embeddings.subList(first, first + own.size()).toArray(float[][]::new),
                    own.stream().mapToInt(Image::policy).toArray());
            first += own.size();
            if (group.compares()) {
                boolean last = (trained.size() + heldOut.size()) % HELD_OUT == HELD_OUT - 1;
                (last ? heldOut : trained).add(group);
            }
        }
        if (trained.isEmpty()) {
            throw UserException.input(KEY + "no prompt has two images in one of the folders and one in another; sample"
                    + " several seeds of the same prompts with each policy (imagerl sample --seeds-per-prompt)");
        }
        Discriminator made = DiscriminatorFit.fit(trained);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("policies", folders.size() + " folders, " + all.size() + " images");
        facts.put("comparisons won", won(trained, made, "prompt"));
        if (!heldOut.isEmpty()) {
            facts.put("held-out comparisons won", won(heldOut, made, "held-out prompt"));
        }
        return new PolicyDiscriminator(made, all.stream().map(Image::file).toList(), facts);
    }

    private static String won(List<DiscriminatorFit.Group> groups, Discriminator made, String what) {
        Discriminator cosine = Discriminator.cosine(made.weights().length);
        return String.format(
                Locale.ROOT,
                "%.4f of those of %d %ss (by the cosine %.4f)",
                DiscriminatorFit.won(groups, made),
                groups.size(),
                what,
                DiscriminatorFit.won(groups, cosine));
    }

    private static SortedMap<String, List<Image>> images(List<Path> folders) {
        SortedMap<String, List<Image>> images = new TreeMap<>();
        for (int policy = 0; policy < folders.size(); policy++) {
            if (!Files.isDirectory(folders.get(policy))) {
                throw UserException.input(
                        KEY + folders.get(policy) + " is no folder; paths are relative to the configuration");
            }
            boolean any = false;
            for (Path file : FolderListing.of(folders.get(policy))) {
                String prompt = ImageFiles.single(file) ? PngText.read(file).getOrDefault("prompt", "") : "";
                if (!prompt.isBlank()) {
                    images.computeIfAbsent(prompt, none -> new ArrayList<>()).add(new Image(file, policy));
                    any = true;
                }
            }
            if (!any) {
                throw UserException.input(KEY + folders.get(policy) + " has no PNG file with the text prompt;"
                        + " name folders that imagerl sample wrote, one for each policy");
            }
        }
        return images;
    }

    private static float[] embedding(Embedder embedder, Path file) {
        float[] embedding;
        try {
            embedding = Embeddings.unit(embedder.embed(ImageDecoder.decode(file)));
        } catch (OrtException e) {
            throw UserException.input(file + ": ONNX Runtime failed: " + e.getMessage(), e);
        }
        for (float x : embedding) {
            if (!Float.isFinite(x)) {
                throw UserException.input(file + ": its embedding is 0 or not finite, so that nothing is like it;"
                        + " leave the file out of policies");
            }
        }
        return embedding;
    }
}
