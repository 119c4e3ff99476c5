package org.imagerl.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.text.Quote;

/**
 * The checkpoints of a run: folders {@code step-000000100}, each with the names and sizes of its files in a file {@code files}, and its score
 * in a file {@code score} if one was measured. A checkpoint is whole if every file is there in its size; the newest whole one is where a run
 * goes on, and no whole one after it is ever deleted. The file {@code latest} names it for people and scripts; {@code best} names the one with
 * the highest score of those that are kept (and the score; {@code run.best_by} says what it is, with the other sign where the lowest is best).
 */
public final class Checkpoints {
    private static final String SCORE = "score";
    private static final String FILES = "files";

    private final Path folder;
    private final Path latest;
    private final Path best;
    private final int keepLast;
    private final boolean keepBest;

    Checkpoints(Path run, int keepLast, boolean keepBest) {
        this.folder = run.resolve("checkpoints");
        this.latest = run.resolve("latest");
        this.best = run.resolve("best");
        this.keepLast = keepLast;
        this.keepBest = keepBest;
    }

    /** Those of a run of whatever settings, to look at. */
    public static Checkpoints of(Path run) {
        return new Checkpoints(run, Integer.MAX_VALUE, true);
    }

    /** Name of the folder of a step. */
    public static String name(long step) {
        return String.format(Locale.ROOT, "step-%09d", step);
    }

    /** The step of a folder, if it is one. */
    public static OptionalLong step(Path folder) {
        String name = String.valueOf(folder.getFileName());
        return name.matches("step-[0-9]{9,18}")
                ? OptionalLong.of(Long.parseLong(name.substring(5)))
                : OptionalLong.empty();
    }

    /**
     * Writes a checkpoint, points {@code latest} to it, and deletes what need not be kept.
     *
     * @param score what was reached, higher is better; NaN if it was not measured
     * @param writer fills the folder that it is given
     * @return the checkpoint's folder
     */
    public Path save(long step, double score, Consumer<Path> writer) {
        Path target = folder.resolve(name(step));
        Folders.publish(target, made -> {
            writer.accept(made);
            if (!Double.isNaN(score)) {
                AtomicFile.writeText(made.resolve(SCORE), score + "\n");
            }
            AtomicFile.writeText(made.resolve(FILES), sizes(made));
        });
        AtomicFile.writeText(latest, name(step) + "\n");
        pointToBest();
        prune();
        return target;
    }

    /** The whole checkpoints, oldest first. */
    public List<Path> all() {
        return folders().stream().filter(Checkpoints::isWhole).toList();
    }

    /** The newest whole checkpoint; empty before the first. */
    public Optional<Path> latest() {
        List<Path> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** The checkpoint with the highest score; empty if none was measured. */
    public Optional<Path> best() {
        return all().stream()
                .filter(path -> Files.exists(path.resolve(SCORE)))
                .max(Comparator.comparingDouble(Checkpoints::score).thenComparing(Comparator.reverseOrder()));
    }

    /**
     * A checkpoint as people name it.
     *
     * @param name {@code best} (the newest, if none was evaluated), {@code latest}, or the epoch
     * @throws UserException if there is none of this name, with those that there are
     */
    public Path named(String name) {
        Optional<Path> found = switch (name) {
            case "best" -> best().or(this::latest);
            case "latest" -> latest();
            default ->
                all().stream()
                        .filter(path -> Long.toString(step(path).orElse(-1)).equals(name))
                        .findFirst();
        };
        List<Long> epochs = all().stream().map(path -> step(path).orElse(-1)).toList();
        if (epochs.isEmpty()) {
            requireNoneDamaged(folders());
            throw UserException.input(
                    folder + ": has no checkpoint yet; imagerl resume continues the training until it has one (the key"
                            + " run.save_every says how often one is written)");
        }
        return found.orElseThrow(() -> UserException.input(folder + ": has no whole checkpoint " + Quote.of(name)
                + "; expected best, latest, or one of the epochs " + epochs));
    }

    /** The step of the newest whole checkpoint; empty before the first. */
    public OptionalLong latestStep() {
        return latest().map(Checkpoints::step).orElse(OptionalLong.empty());
    }

    /**
     * Finds where to go on, and points {@code latest} and {@code best} there again. Nothing is deleted.
     *
     * @param notices takes a line where this is not what {@code latest} says
     * @return the step of the newest whole checkpoint; empty if there is none and never was
     * @throws UserException if there are checkpoints, but none is whole
     */
    OptionalLong recover(Consumer<String> notices) {
        List<Path> folders = folders();
        folders.stream()
                .filter(path -> !isWhole(path))
                .forEach(path -> notices.accept(
                        "warning: the checkpoint " + path + " is not whole and is passed over: " + missing(path)));
        Optional<Path> newest = latest();
        if (newest.isEmpty()) {
            requireNoneDamaged(folders);
            return OptionalLong.empty();
        }
        String name = newest.get().getFileName().toString();
        String named = read(latest);
        if (!named.equals(name)) {
            notices.accept(
                    "warning: " + latest + (named.isEmpty() ? " names no checkpoint" : " names " + Quote.of(named))
                            + "; the newest whole checkpoint, " + name
                            + ", is taken (to go back further, move that folder away)");
            AtomicFile.writeText(latest, name + "\n");
        }
        pointToBest();
        return step(newest.get());
    }

    private void requireNoneDamaged(List<Path> folders) {
        List<Path> damaged =
                folders.stream().filter(path -> !Folders.list(path).isEmpty()).toList();
        if (!damaged.isEmpty()) {
            throw UserException.input(folder + ": none of the checkpoints "
                    + damaged.stream().map(Path::getFileName).toList() + " is whole (" + missing(damaged.get(0))
                    + "); put the missing files back, or begin a new run under another name");
        }
    }

    private void pointToBest() {
        Optional<Path> highest = best();
        if (highest.isPresent()) {
            Path path = highest.get();
            AtomicFile.writeText(best, path.getFileName() + " " + score(path) + "\n");
        } else if (Files.exists(best)) {
            Folders.delete(best);
        }
    }

    private void prune() {
        List<Path> all = all();
        Optional<Path> spared = keepBest ? best() : Optional.empty();
        all.subList(0, Math.max(0, all.size() - keepLast)).stream()
                .filter(path -> !spared.equals(Optional.of(path)))
                .forEach(Folders::delete);
    }

    private static double score(Path checkpoint) {
        Path file = checkpoint.resolve(SCORE);
        try {
            return Double.parseDouble(read(file));
        } catch (NumberFormatException e) {
            throw UserException.input(file + ": must be a number; delete the file", e);
        }
    }

    private List<Path> folders() {
        return Folders.list(folder).stream()
                .filter(path -> step(path).isPresent() && Files.isDirectory(path))
                .toList();
    }

    /** Relative path and size in bytes of every file in a folder, a line each. */
    private static String sizes(Path folder) {
        StringBuilder lines = new StringBuilder();
        for (Path file : Folders.files(folder)) {
            String name = Folders.slashed(folder.relativize(file));
            lines.append(name).append(' ').append(size(file)).append('\n');
        }
        return lines.toString();
    }

    private static boolean isWhole(Path checkpoint) {
        return missing(checkpoint).isEmpty();
    }

    /** What a checkpoint lacks; empty if it is whole. One without a list of its files was written by an older version, or is an empty folder. */
    private static String missing(Path checkpoint) {
        Path list = checkpoint.resolve(FILES);
        if (!Files.exists(list)) {
            return Folders.list(checkpoint).isEmpty() ? "it is empty" : "";
        }
        for (String line : read(list).lines().toList()) {
            String name = line.substring(0, Math.max(0, line.lastIndexOf(' ')));
            Path file = checkpoint.resolve(name);
            if (!line.equals(name + " " + size(file))) {
                return Quote.of(name)
                        + (Files.exists(file) ? " has another size than when it was written" : " is missing");
            }
        }
        return "";
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : -1;
        } catch (IOException e) {
            throw UserException.input(file + ": cannot be read: " + e, e);
        }
    }

    private static String read(Path pointer) {
        try {
            return Files.exists(pointer) ? Files.readString(pointer).strip() : "";
        } catch (IOException e) {
            throw UserException.input(pointer + ": cannot be read: " + e, e);
        }
    }
}
