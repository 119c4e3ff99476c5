package org.imagerl.scoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.text.Quote;

/** What was noticed while images were read: where their prompts came from, and what of the files was left out. */
final class ReadingNotes {
    private final Map<String, Integer> promptSources = new TreeMap<>();
    private final Map<String, Example> examples = new LinkedHashMap<>();

    private static final class Example {
        private final String first;
        private int count;

        Example(String first) {
            this.first = first;
        }
    }

    void add(ScoredBatch.Scored scored) {
        addSource(scored.promptSource());
        String name = Quote.of(scored.row().name());
        if (!scored.promptProblem().isEmpty()) {
            note("no prompt found, though the file speaks of one", name + ": " + Quote.plain(scored.promptProblem()));
        }
        if (scored.unusedOrientation() != 1) {
            note(
                    "EXIF orientation not applied (--exif-orientation apply turns such images)",
                    name + ": orientation " + scored.unusedOrientation());
        }
        if (scored.moreFrames()) {
            note("only the first of several frames or pages was scored", name);
        }
    }

    void addSource(String source) {
        promptSources.merge(source, 1, Integer::sum);
    }

    private void note(String what, String example) {
        examples.computeIfAbsent(what, key -> new Example(example)).count++;
    }

    /** How many images have their prompt from where. */
    Map<String, Integer> promptSources() {
        return new TreeMap<>(promptSources);
    }

    /** A sentence for each kind of what was noticed. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        examples.forEach((what, example) ->
                lines.add(what + ": " + example.count + " of the images, the first " + example.first));
        return lines;
    }
}
