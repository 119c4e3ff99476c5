package org.imagerl.host.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.imagerl.host.run.Hashes;
import org.imagerl.images.ExifOrientation;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What scores were made with, as {@code NAME.header.json} beside them: per reward its range and direction, what was resolved, and the
 * SHA-256 of its files.
 */
public final class ScoreHeader {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final String ORIENTATION = "exif_orientation";

    private final ObjectNode json;

    private ScoreHeader(ObjectNode json) {
        this.json = json;
    }

    /**
     * The header of a run.
     *
     * @param pictures the folder or list that is scored
     * @param orientation what is done with the EXIF orientation of images
     */
    static ScoreHeader of(WeightedRewards rewards, Path pictures, ExifOrientation orientation) {
        ObjectNode json = JSON.createObjectNode();
        json.put("pictures", pictures.toAbsolutePath().normalize().toString());
        json.put(ORIENTATION, orientation.name().toLowerCase(Locale.ROOT));
        ObjectNode entries = json.putObject("rewards");
        for (WeightedRewards.Entry entry : rewards.entries()) {
            Reward.Spec spec = entry.reward().spec();
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("unit", spec.unit());
            facts.put("min", Double.isInfinite(spec.min()) ? null : (Object) spec.min());
            facts.put("max", Double.isInfinite(spec.max()) ? null : (Object) spec.max());
            facts.put("higher_is_better", spec.higherIsBetter());
            facts.put("resolved", entry.reward().facts());
            facts.put("sha256", Hashes.sha256(entry.reward().files()));
            entries.set(entry.name(), JSON.valueToTree(facts));
        }
        return new ScoreHeader(json);
    }

    /** The header file of a file of results. */
    static Path file(Path scores) {
        String name = String.valueOf(scores.getFileName()).replaceFirst("\\.[^.]*$", "");
        return scores.resolveSibling(name + ".header.json");
    }

    /** The header of results; null if there is none. */
    static @Nullable ScoreHeader read(Path scores) {
        Path file = file(scores);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            if (JSON.readTree(Files.readString(file)) instanceof ObjectNode object) {
                return new ScoreHeader(object);
            }
        } catch (JacksonException e) {
            throw UserException.input(file + ": is no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
        throw UserException.input(file + ": is no header of results");
    }

    void write(Path scores) {
        AtomicFile.writeText(file(scores), JSON.writeValueAsString(json) + "\n");
    }

    /**
     * Makes sure that a run that goes on does what it began with.
     *
     * @throws UserException naming the reward that is not the same
     */
    void requireSame(ScoreHeader before, Path scores) {
        String orientation = json.path(ORIENTATION).asString("");
        String orientationBefore = before.json.path(ORIENTATION).asString("ignore"); // as files without it were made
        if (!orientation.equals(orientationBefore)) {
            throw UserException.input(scores + ": was begun with --exif-orientation " + Quote.plain(orientationBefore)
                    + ", not " + orientation + "; score to another file, or with that");
        }
        for (String name : json.get("rewards").propertyNames()) {
            JsonNode now = json.get("rewards").get(name);
            if (!now.equals(before.json.path("rewards").path(name))) {
                throw UserException.input(scores + ": was begun with another reward " + name
                        + " (other files, settings or preprocessing: see " + file(scores)
                        + "); score to another file, or with the reward of then");
            }
        }
    }

    /** The content, for the summary. */
    JsonNode json() {
        return json;
    }

    /** Whether better pictures have higher scores; true if nothing is known of the reward. */
    boolean higherIsBetter(String reward) {
        return json.path("rewards").path(reward).path("higher_is_better").asBoolean(true);
    }

    /** The folder or list that was scored. */
    Path pictures() {
        return Path.of(json.path("pictures").asString(""));
    }
}
