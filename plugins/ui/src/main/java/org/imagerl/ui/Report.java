package org.imagerl.ui;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the page as one file of HTML: with all that it would ask for, and nothing that it would have to load. */
public final class Report {
    /** Of images, and of numbers and texts: some sixty runs of a thousand epochs. */
    private static final Room ROOM = new Room(24L << 20, 48L << 20);

    /**
     * How large a report may become, in bytes as they stand in the file.
     *
     * @param images of all together; the last set that is begun is finished
     * @param data numbers and texts
     */
    record Room(long images, long data) {}

    private final Api api;
    private final Room room;
    private final Consumer<String> notices;
    private final ObjectNode answers = Json.object();
    private final Set<String> warned = new LinkedHashSet<>();
    private long imagesLeft;
    private long dataLeft;
    private int imagesLeftOut;
    private int answersLeftOut;

    private Report(Api api, Room room, Consumer<String> notices) {
        this.api = api;
        this.room = room;
        this.imagesLeft = room.images;
        this.dataLeft = room.data;
        this.notices = notices;
    }

    /**
     * Writes it, over an older one.
     *
     * @param places runs, folders of runs, folders of studies, files of results
     * @param notices takes lines for the user: what was left out
     * @throws UserException if there is nothing to show, or it cannot be written
     */
    public static void write(List<Path> places, Path target, Consumer<String> notices) {
        Clock clock = Clock.systemUTC();
        AtomicFile.writeText(target, html(new Library(Library.present(places), clock), clock, ROOM, notices));
    }

    static String html(Library library, Clock clock, Room room, Consumer<String> notices) {
        Report report = new Report(new Api(library, clock), room, notices);
        report.gather();
        return PageFiles.report(report.answers.toString());
    }

    private void gather() {
        answer("runs", List.of());
        if (api.sources().isEmpty()) {
            throw UserException.input("there is no run, study or file of results to report about; name the folder that"
                    + " train made, the one with config.yaml in it");
        }
        requireResults();
        List<String> scores = new ArrayList<>();
        api.sources().forEach((id, source) -> {
            answer("metrics", List.of(id));
            answer("details", List.of(id));
            if (source instanceof ScoresSource) {
                scores.add(id);
            }
        });
        if (scores.size() == 2) {
            answer("compare", scores);
            pairs(scores);
        }
        api.sources().keySet().forEach(this::images);
        if (answersLeftOut > 0) {
            notices.accept("warning: the report has no room for " + answersLeftOut + " parts beyond "
                    + (room.data >> 20) + " MiB; name fewer runs");
        }
        if (imagesLeftOut > 0) {
            notices.accept("the report has no room for " + imagesLeftOut + " sets of images; it has the first and the"
                    + " last ones, and as many between as fit into " + (room.images >> 20) + " MiB");
        }
    }

    private void answer(String question, List<String> arguments) {
        try {
            api.answer(question, arguments).ifPresent(answer -> keep(key(question, arguments), answer));
        } catch (UserException e) {
            warn(e);
        }
    }

    /** A single file that holds no results is more likely a mistake than something to show. */
    private void requireResults() {
        JsonNode shown = answers.path(key("runs", List.of())).path("runs");
        String problem = shown.path(0).path("problem").asString("");
        if (shown.size() == 1 && shown.path(0).path("kind").asString("").equals("scores") && !problem.isEmpty()) {
            throw UserException.input(problem + "; name a run, a folder of runs, a study's folder or results of score");
        }
    }

    /** Says it once: a file is asked for several things. */
    private void warn(UserException problem) {
        if (warned.add(problem.getMessage())) {
            notices.accept("warning: " + problem.getMessage());
        }
    }

    private void keep(String key, JsonNode answer) {
        int bytes = Json.bytes(answer).length;
        if (bytes > dataLeft) {
            answersLeftOut++;
            return;
        }
        dataLeft -= bytes;
        answers.set(key, answer);
    }

    /** As data.js makes it of a question. */
    private static String key(String question, List<String> arguments) {
        return question + "\n" + String.join("\n", arguments);
    }

    /** As many sets as there is room for. */
    private void images(String id) {
        ArrayNode kept = Json.array();
        JsonNode sets = answers.path(key("details", List.of(id))).path("image_sets");
        boolean[] fits = new boolean[sets.size()];
        for (int index : order(sets.size())) {
            String set = sets.get(index).path("key").asString("");
            fits[index] = images(id, set);
            imagesLeftOut += fits[index] ? 0 : 1;
        }
        for (int i = 0; i < fits.length; i++) {
            if (fits[i]) {
                kept.add(sets.get(i));
            }
        }
        if (answers.get(key("details", List.of(id))) instanceof ObjectNode details) {
            details.set("image_sets", kept);
        }
    }

    /** Indices in the order of their worth: the last, the first, then ever finer between. */
    static Set<Integer> order(int size) {
        Set<Integer> order = new LinkedHashSet<>();
        if (size > 0) {
            order.add(size - 1);
        }
        for (int stride = Integer.highestOneBit(size); stride > 0; stride /= 2) {
            for (int i = 0; i < size; i += stride) {
                order.add(i);
            }
        }
        return order;
    }

    private boolean images(String id, String set) {
        if (imagesLeft <= 0) {
            return false;
        }
        answer("images", List.of(id, set));
        for (JsonNode image : answers.path(key("images", List.of(id, set)))) {
            image(id, set, image.path("name").asString(""));
        }
        return true;
    }

    private void pairs(List<String> scores) {
        for (JsonNode pair : answers.path(key("compare", scores)).path("pairs")) {
            image(scores.get(0), "pair", pair.path("nameA").asString(""));
            image(scores.get(1), "pair", pair.path("nameB").asString(""));
        }
    }

    private void image(String id, String set, String name) {
        try {
            api.image(id, set, name).map(ShownImage::forReport).ifPresent(image -> {
                imagesLeft -= image.length();
                answers.put(key("image", List.of(id, set, name)), image);
            });
        } catch (UserException e) {
            warn(e);
        }
    }
}
