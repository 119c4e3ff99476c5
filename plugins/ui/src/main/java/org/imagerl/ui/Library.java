package org.imagerl.ui;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.spi.UserException;

/**
 * All that there is to show in the places that the user named: runs, folders of runs, folders of studies, and files of results. A source is
 * asked for by its id, which is looked up and never becomes a path.
 */
final class Library {
    private static final int MAX_DEPTH = 3;
    private static final int MAX_SOURCES = 500;

    private final List<Path> places;
    private final Clock clock;

    /**
     * What was found.
     *
     * @param sources by id, in the order of the list
     * @param problems why something is not shown
     */
    record Found(Map<String, Source> sources, List<String> problems) {}

    /** @param places files and folders; one that is not there yet is shown when it is */
    Library(List<Path> places, Clock clock) {
        this.places = List.copyOf(places);
        this.clock = clock;
    }

    /** @throws UserException if a place is not there */
    static List<Path> present(List<Path> places) {
        for (Path place : places) {
            if (!Files.exists(place)) {
                throw UserException.input(place
                        + ": is not there; imagerl train makes the folder runs when it begins. Name a run, a folder of"
                        + " runs, a study's folder or results of score");
            }
        }
        return places;
    }

    /** Looks which sources there are now. */
    Found look() {
        Found found = new Found(Collections.synchronizedMap(new LinkedHashMap<>()), new ArrayList<>());
        for (int i = 0; i < places.size(); i++) {
            Path place = places.get(i);
            String name = String.valueOf(place.toAbsolutePath().normalize().getFileName());
            if (!Files.exists(place)) {
                found.problems().add(place.toAbsolutePath() + " is not there yet");
            } else if (Files.isDirectory(place)) {
                folder(OwnFolder.of(place), Integer.toString(i), name, true, MAX_DEPTH, found);
            } else {
                found.sources().put(Integer.toString(i), new ScoresSource(place, name));
            }
        }
        return found;
    }

    /** @param outer whether the user named it: its name is then no part of those of what lies in it */
    private void folder(OwnFolder folder, String id, String name, boolean outer, int depth, Found found) {
        if (found.sources().size() >= MAX_SOURCES) {
            return;
        }
        try {
            Optional<OwnFolder> raw = folder.folder("raw");
            if (folder.find("config.yaml").isPresent()) {
                found.sources().put(id, RunSource.of(folder, name, clock));
            } else if (raw.isPresent() && folder.find("report.md").isPresent()) {
                study(folder, raw.get(), id, name, found);
            } else if (depth > 0) {
                for (String child : folder.names()) {
                    child(folder, child, id + "/" + child, outer ? child : name + " / " + child, depth - 1, found);
                }
            }
        } catch (UserException e) {
            found.problems().add(e.getMessage());
        }
    }

    private void child(OwnFolder parent, String child, String id, String name, int depth, Found found) {
        try {
            Optional<Path> at = parent.find(child);
            if (at.filter(Files::isDirectory).isPresent()) {
                folder(new OwnFolder(at.get()), id, name, false, depth, found);
            } else if (child.matches("(?s).*\\.(csv|jsonl)")
                    && parent.find(child.replaceFirst("\\.[^.]*$", "") + ".header.json")
                            .isPresent()) {
                at.ifPresent(file -> found.sources().put(id, new ScoresSource(file, name)));
            }
        } catch (UserException e) {
            found.problems().add(e.getMessage());
        }
    }

    private void study(OwnFolder folder, OwnFolder raw, String id, String name, Found found) {
        found.sources().put(id, new StudySource(folder, name));
        for (String file : raw.names()) {
            if (file.endsWith(".jsonl") && found.sources().size() < MAX_SOURCES) {
                String run = file.substring(0, file.length() - ".jsonl".length());
                found.sources().put(id + "/raw/" + run, RunSource.ofStudy(raw, name, run, clock));
            }
        }
    }
}
