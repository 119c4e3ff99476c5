package org.imagerl.toolkit.latent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A latent reward on disk: {@code model.safetensors}, and {@code latent-reward.json} with what it was made for and how.
 *
 * @param path the folder
 * @param size of its network
 * @param mean of the scores that it was trained on
 * @param std their standard deviation, above 0
 * @param autoencoder of the latents that it knows, see {@link LatentSpace}
 * @param training what is known of it, by name
 * @param agreement with the teacher on images that it was not trained on, by name
 */
record LatentRewardFolder(
        Path path,
        LatentNetwork.Size size,
        double mean,
        double std,
        String autoencoder,
        Map<String, String> training,
        Map<String, Double> agreement) {
    static final String MANIFEST = "latent-reward.json";
    static final String STEM = "model";
    private static final String FORMAT = "imagerl-latent-reward-1";
    private static final int MAX_SIDE = 4096;

    Path manifest() {
        return path.resolve(MANIFEST);
    }

    Path weights() {
        return path.resolve(STEM + ".safetensors");
    }

    /** The latents that it knows. */
    LatentSpace space() {
        return new LatentSpace(autoencoder, List.of((long) size.channels(), (long) size.height(), (long) size.width()));
    }

    /**
     * Reads a manifest.
     *
     * @throws UserException if it is none
     */
    static LatentRewardFolder read(Path folder) {
        Path file = folder.resolve(MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw UserException.input(folder.normalize() + ": is no latent reward, it has no " + MANIFEST
                    + "; train one: imagerl reward distil SCORES --checkpoint CHECKPOINT --out "
                    + folder.getFileName());
        }
        ObjectNode json = StrictJson.object(file);
        if (!json.path("format").asString("").equals(FORMAT)) {
            throw refusal(file, "format", "expected \"" + FORMAT + "\"");
        }
        JsonNode latents = json.path("latents");
        JsonNode network = json.path("network");
        JsonNode scores = json.path("scores");
        double std = number(file, scores, "std");
        if (!(std > 0)) {
            throw refusal(file, "scores.std", "expected a number above 0");
        }
        if (!latents.path("autoencoder").isString()) {
            throw refusal(file, "latents.autoencoder", "expected the hash of an autoencoder");
        }
        Map<String, String> training = new LinkedHashMap<>();
        json.path("training")
                .properties()
                .forEach(entry -> training.put(entry.getKey(), entry.getValue().asString("")));
        Map<String, Double> agreement = new LinkedHashMap<>();
        json.path("agreement")
                .properties()
                .forEach(entry -> agreement.put(entry.getKey(), entry.getValue().asDouble(Double.NaN)));
        return new LatentRewardFolder(
                folder,
                size(file, shape(file, latents.path("shape")), network),
                number(file, scores, "mean"),
                std,
                latents.path("autoencoder").asString(),
                training,
                agreement);
    }

    private static List<Integer> shape(Path file, JsonNode shape) {
        List<Integer> sides = new ArrayList<>();
        shape.forEach(side -> sides.add(side.asInt(0)));
        if (sides.size() != 3 || sides.stream().anyMatch(side -> side < 1 || side > MAX_SIDE)) {
            throw refusal(file, "latents.shape", "expected three numbers from 1 to " + MAX_SIDE);
        }
        return sides;
    }

    private static LatentNetwork.Size size(Path file, List<Integer> shape, JsonNode network) {
        try {
            DistillationSettings checked = new DistillationSettings(
                    network.path("features").asInt(0),
                    network.path("layers").asInt(0),
                    network.path("text_bytes").asInt(-1),
                    1,
                    1,
                    1,
                    0,
                    0);
            return checked.size(shape);
        } catch (IllegalArgumentException e) {
            throw refusal(file, "network", String.valueOf(e.getMessage()));
        }
    }

    private static double number(Path file, JsonNode node, String key) {
        double value = node.path(key).asDouble(Double.NaN);
        if (!Double.isFinite(value)) {
            throw refusal(file, "scores." + key, "expected a number");
        }
        return value;
    }

    private static UserException refusal(Path file, String key, String expected) {
        return UserException.input(
                file + ": " + Quote.plain(key) + ": " + expected + "; take the file as imagerl reward distil wrote it");
    }

    /** Writes the manifest. */
    void write() {
        ObjectNode root = StrictJson.newObject();
        root.put("format", FORMAT);
        ObjectNode latents = root.putObject("latents");
        ArrayNode shape = latents.putArray("shape");
        shape.add(size.channels()).add(size.height()).add(size.width());
        latents.put("autoencoder", autoencoder);
        root.putObject("network")
                .put("features", size.features())
                .put("layers", size.layers())
                .put("text_bytes", size.textBytes());
        root.putObject("scores").put("mean", mean).put("std", std);
        ObjectNode facts = root.putObject("training");
        training.forEach(facts::put);
        ObjectNode measured = root.putObject("agreement");
        agreement.forEach(measured::put);
        AtomicFile.writeText(manifest(), StrictJson.indented(root) + "\n");
    }
}
