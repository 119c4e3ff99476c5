package org.imagerl.ui;

import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Something that the page shows: a run, a study, a file of scores. Read anew at every call, for it may be growing. */
interface Source {

    /** What changes when its files do. */
    String stamp();

    /**
     * What the list of all says of it: {@code kind}, {@code name}; of a run {@code step}, {@code epochs}, {@code state}, {@code eta_seconds},
     * {@code memory_bytes}, {@code reward}, {@code held_out_first}, {@code held_out_last}.
     */
    ObjectNode summary();

    /** The numbers by step: {@code step} and {@code columns}. */
    ObjectNode metrics();

    /**
     * The rest: {@code config}, {@code provenance}, {@code log}, {@code histograms}, {@code prompts}, {@code failures}, {@code tables}, {@code
     * image_sets} (keys and titles), and {@code problems}. What there is nothing of is absent.
     */
    ObjectNode details();

    /** The images of a set: {@code name}, {@code prompt}, {@code seed}, {@code reward}; empty if there is no such set. */
    ArrayNode images(String set);

    /** The file of an image; empty if there is none of this name in the set. */
    Optional<Path> image(String set, String name);
}
