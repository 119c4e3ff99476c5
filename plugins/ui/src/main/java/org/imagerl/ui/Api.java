package org.imagerl.ui;

import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.scoring.Comparison;
import org.imagerl.spi.UserException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the page asks for, by the name of the question and its arguments: the same for a server and for a report.
 *
 * <pre>
 * runs                        all sources, with what the list says of each
 * metrics ID                  numbers by step
 * details ID                  settings, rewards, sets of images, log
 * images ID SET               the images of a set
 * compare ID ID               two files of results against each other
 * </pre>
 */
final class Api {
    /** A summary of a run that is not finished says how long ago it wrote, and so grows old. */
    private static final long SUMMARY_MS = 15_000;

    private static final int PAIRS = 12;

    private final Library library;
    private final Clock clock;
    private final Map<String, Kept> summaries = new HashMap<>();
    private volatile Library.Found found;

    private record Kept(String stamp, long at, ObjectNode summary) {
        boolean isOld(long now) {
            boolean finished = summary.path("state").asString("finished").equals("finished");
            return !finished && now - at > SUMMARY_MS;
        }
    }

    Api(Library library, Clock clock) {
        this.library = library;
        this.clock = clock;
        this.found = library.look();
    }

    /** The sources, as they were at the last question for all runs. */
    Map<String, Source> sources() {
        return found.sources();
    }

    /**
     * The answer; empty if there is no such thing.
     *
     * @throws UserException if its files are damaged
     */
    Optional<JsonNode> answer(String question, List<String> arguments) {
        if (question.equals("runs") && arguments.isEmpty()) {
            return Optional.of(runs());
        }
        if (question.equals("compare") && arguments.size() == 2) {
            return source(arguments.get(0))
                    .flatMap(a -> source(arguments.get(1)).flatMap(b -> compare(a, b)));
        }
        return arguments.isEmpty()
                ? Optional.empty()
                : source(arguments.get(0)).flatMap(source -> answer(question, source, arguments));
    }

    private static Optional<JsonNode> answer(String question, Source source, List<String> arguments) {
        return switch (question + " " + arguments.size()) {
            case "metrics 1" -> Optional.of(source.metrics());
            case "details 1" -> Optional.of(source.details());
            case "images 2" -> Optional.of(source.images(arguments.get(1)));
            default -> Optional.empty();
        };
    }

    /** What changes when an answer does; empty if that is not known. */
    String stamp(String question, List<String> arguments) {
        return question.equals("metrics") || question.equals("details")
                ? source(arguments.get(0)).map(Source::stamp).orElse("")
                : "";
    }

    /** The file of an image. */
    Optional<Path> image(String id, String set, String name) {
        return source(id).flatMap(source -> source.image(set, name));
    }

    private Optional<Source> source(String id) {
        return Optional.ofNullable(found.sources().get(id));
    }

    private synchronized ObjectNode runs() {
        found = library.look();
        summaries.keySet().retainAll(found.sources().keySet());
        ObjectNode json = Json.object();
        ArrayNode runs = json.putArray("runs");
        found.sources().forEach((id, source) -> runs.add(summary(id, source)));
        json.set("problems", Json.of(found.problems()));
        return json;
    }

    private ObjectNode summary(String id, Source source) {
        String stamp = source.stamp();
        Kept kept = summaries.get(id);
        if (kept != null && kept.stamp.equals(stamp) && !kept.isOld(clock.millis())) {
            return kept.summary;
        }
        ObjectNode summary = source.summary().put("id", id).put("stamp", stamp);
        summaries.put(id, new Kept(stamp, clock.millis(), summary));
        return summary;
    }

    private static Optional<JsonNode> compare(Source a, Source b) {
        if (!(a instanceof ScoresSource one) || !(b instanceof ScoresSource other)) {
            return Optional.empty();
        }
        Comparison comparison = Comparison.of(one.file(), other.file(), null);
        ObjectNode json = Json.object().put("unpaired", comparison.unpaired());
        json.set("lines", Json.of(comparison.lines()));
        json.set("pairs", Json.of(comparison.extremes(PAIRS)));
        return Optional.of(json);
    }
}
