package org.imagerl.scoring;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.Hashes;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Describes how scores were made, as {@code NAME.header.json} beside them: a hash of the images and their prompts and
 * how they were paired; per reward its range and direction, its settings, what was resolved, and the SHA-256 of its
 * files.
 */
public final class ScoreHeader {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final String ORIENTATION = "exif_orientation";
    private static final String ASSIGNMENT = "assignment";
    private static final String IMAGES = "images";
    private static final int MAX_BYTES = 1 << 26;

    private final ObjectNode json;

    private ScoreHeader(ObjectNode json) {
        this.json = json;
    }

    /**
     * The header of a run.
     *
     * @param assignment what is scored
     */
    static ScoreHeader of(WeightedRewards rewards, ScoringRun.Options options, Assignment assignment) {
        ObjectNode json = JSON.createObjectNode();
        json.put(IMAGES, options.source());
        json.put(ORIENTATION, options.orientation().name().toLowerCase(Locale.ROOT));
        json.putObject(ASSIGNMENT).put(IMAGES, assignment.size()).put("sha256", assignment.sha256());
        if (!options.pairing().isEmpty()) {
            json.set("pairing", JSON.valueToTree(new TreeMap<>(options.pairing())));
        }
        json.set("rewards", rewards(rewards));
        return new ScoreHeader(json);
    }

    private static ObjectNode rewards(WeightedRewards rewards) {
        ObjectNode entries = JSON.createObjectNode();
        for (WeightedRewards.Entry entry : rewards.entries()) {
            Reward.Spec spec = entry.reward().spec();
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("unit", spec.unit());
            facts.put("min", Double.isInfinite(spec.min()) ? null : (Object) spec.min());
            facts.put("max", Double.isInfinite(spec.max()) ? null : (Object) spec.max());
            facts.put("higher_is_better", spec.higherIsBetter());
            facts.put("settings", entry.settings());
            facts.put("resolved", new TreeMap<>(entry.reward().facts())); // Map.of has another order in each process
            facts.put("sha256", Hashes.sha256(entry.reward().files()));
            entries.set(entry.name(), JSON.valueToTree(facts));
        }
        return entries;
    }

    /** The facts of each reward as JSON, by its name, in their order: equal where the same rewards are made of the same files. */
    public static Map<String, String> facts(WeightedRewards rewards) {
        Map<String, String> facts = new LinkedHashMap<>();
        rewards(rewards).forEachEntry((name, node) -> facts.put(name, node.toString()));
        return facts;
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
            if (JSON.readTree(BoundedFile.text(file, MAX_BYTES)) instanceof ObjectNode object) {
                renamed(object);
                if (object.get(ASSIGNMENT) instanceof ObjectNode assignment) {
                    renamed(assignment);
                }
                return new ScoreHeader(object);
            }
        } catch (JacksonException e) {
            throw UserException.input(file + ": is no JSON: " + e.getOriginalMessage(), e);
        }
        throw UserException.input(file + ": is no header of results");
    }

    /** Earlier versions called images pictures. */
    private static void renamed(ObjectNode object) {
        JsonNode former = object.remove("pictures");
        if (former != null) {
            object.set(IMAGES, former);
        }
    }

    void write(Path scores) {
        AtomicFile.writeText(file(scores), JSON.writeValueAsString(json) + "\n");
    }

    /**
     * Makes sure that a run that goes on does what it began with.
     *
     * @throws UserException naming the reward that is not the same, or if other images or prompts are to be scored
     */
    void requireSame(ScoreHeader before, Path scores) {
        String orientation = json.path(ORIENTATION).asString("");
        String orientationBefore = before.json.path(ORIENTATION).asString("ignore"); // as files without it were made
        if (!orientation.equals(orientationBefore)) {
            throw UserException.input(scores + ": was begun with --exif-orientation " + Quote.plain(orientationBefore)
                    + ", not " + orientation + "; score to another file, or with that");
        }
        JsonNode then = before.json.path(ASSIGNMENT);
        if (then.isObject() && !then.equals(json.path(ASSIGNMENT))) { // earlier versions did not say
            throw UserException.input(scores + ": was begun with other images or prompts ("
                    + then.path(IMAGES).asInt(0) + " images then, "
                    + json.path(ASSIGNMENT).path(IMAGES).asInt(0)
                    + " now): names, order, prompts and fields of the list"
                    + " must be those of then; take them back, or score to another file");
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

    /** Whether better images have higher scores; true if nothing is known of the reward. */
    boolean higherIsBetter(String reward) {
        return json.path("rewards").path(reward).path("higher_is_better").asBoolean(true);
    }

    /** The folder or list that was scored. */
    Path source() {
        String place = json.path(IMAGES).asString("");
        try {
            return Path.of(place);
        } catch (InvalidPathException e) {
            throw UserException.input("a header of results names no usable folder of images: " + Quote.of(place), e);
        }
    }
}
