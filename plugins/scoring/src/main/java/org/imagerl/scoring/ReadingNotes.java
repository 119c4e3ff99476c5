package org.imagerl.scoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.images.DecodedImage;
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

    void add(ImagePrefetcher.Decoded decoded) {
        ImageItem.Found found = decoded.found();
        addSource(found);
        String name = Quote.of(decoded.item().name());
        if (!found.reason().isEmpty()) {
            note("no prompt found, though the file speaks of one", name + ": " + Quote.plain(found.reason()));
        }
        DecodedImage image = decoded.image();
        if (image != null && image.unusedOrientation() != 1) {
            note(
                    "EXIF orientation not applied (--exif-orientation apply turns such images)",
                    name + ": orientation " + image.unusedOrientation());
        }
        if (image != null && image.moreFrames()) {
            note("only the first of several frames or pages was scored", name);
        }
    }

    void addSource(ImageItem.Found found) {
        promptSources.merge(found.source(), 1, Integer::sum);
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
