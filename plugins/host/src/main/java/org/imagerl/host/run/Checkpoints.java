package org.imagerl.host.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;

/**
 * The checkpoints of a run: folders {@code step-000000100}, each there whole or not at all, with its score in a file {@code score} if one was
 * measured. {@code latest} names the newest, {@code best} the one with the highest score of those that are kept (and the score).
 */
public final class Checkpoints {
    private static final String SCORE = "score";

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

    /** Name of the folder of a step. */
    static String name(long step) {
        return String.format("step-%09d", step);
    }

    /** The step of a folder, if it is one. */
    static OptionalLong step(Path folder) {
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
        });
        AtomicFile.writeText(latest, name(step) + "\n");
        pointToBest();
        prune();
        return target;
    }

    /** All checkpoints, oldest first. */
    public List<Path> all() {
        return Folders.list(folder).stream()
                .filter(path -> step(path).isPresent())
                .toList();
    }

    /** The newest checkpoint; empty before the first. */
    public Optional<Path> latest() {
        return pointed(latest);
    }

    /** The checkpoint with the highest score; empty if none was measured. */
    public Optional<Path> best() {
        return pointed(best);
    }

    /** The step of the newest checkpoint; empty before the first. */
    public OptionalLong latestStep() {
        return latest().map(Checkpoints::step).orElse(OptionalLong.empty());
    }

    /** Deletes checkpoints after a step: of a process that died between writing one and pointing to it. */
    void rewind(long step) {
        all().stream().filter(path -> step(path).orElse(0) > step).forEach(Folders::delete);
        pointToBest();
    }

    private void pointToBest() {
        Optional<Path> highest = all().stream()
                .filter(path -> Files.exists(path.resolve(SCORE)))
                .max(Comparator.comparingDouble(Checkpoints::score).thenComparing(Comparator.reverseOrder()));
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

    private Optional<Path> pointed(Path pointer) {
        String name = read(pointer).split(" ")[0];
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Path target = folder.resolve(name);
        if (!all().contains(target)) {
            throw UserException.input(pointer + ": names " + name + ", which is no checkpoint in " + folder
                    + "; write the name of one of "
                    + all().stream().map(Path::getFileName).toList() + " into it");
        }
        return Optional.of(target);
    }

    private static String read(Path pointer) {
        try {
            return Files.exists(pointer) ? Files.readString(pointer).strip() : "";
        } catch (IOException e) {
            throw UserException.input(pointer + ": cannot be read: " + e, e);
        }
    }
}
