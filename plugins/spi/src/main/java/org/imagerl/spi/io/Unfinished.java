package org.imagerl.spi.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Hidden names for what is being written beside its place: {@code .NAME.PROCESS-RANDOM.imagerl.tmp}. A process that is killed leaves its unfinished
 * files, which may be as large as a checkpoint; the next one that writes into the folder finds them by that name and deletes them.
 */
final class Unfinished {
    private static final String ENDING = ".imagerl.tmp";
    private static final Pattern NAME =
            Pattern.compile("\\..+\\.([0-9a-z]{1,12})-[0-9a-f]{6}" + Pattern.quote(ENDING), Pattern.DOTALL);

    /** How exactly the start of a process and the time of a file can be compared: the kernel derives one from the time of its own start. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

    private Unfinished() {}

    /**
     * A fresh name in the folder of {@code target}, for a file or folder that will be renamed to it. The first time that this process asks for one in
     * a folder, what killed processes left there is deleted; what cannot be deleted stays.
     */
    public static Path beside(Path target) {
        sweep(target.toAbsolutePath().getParent());
        String process = Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
        String random = UUID.randomUUID().toString().substring(0, 6);
        return target.resolveSibling("." + target.getFileName() + "." + process + "-" + random + ENDING);
    }

    private static void sweep(@Nullable Path folder) {
        if (folder != null && SWEPT.add(folder.normalize())) {
            deleteAbandoned(folder);
        }
    }

    /** Deletes what no living process can be writing. */
    static void deleteAbandoned(Path folder) {
        try (Stream<Path> entries = Folders.entries(folder)) {
            entries.filter(Unfinished::abandoned).toList().forEach(Folders::delete);
        } catch (IOException | RuntimeException e) {
            // It is in nobody's way but the disk's, and what is to be written says by itself what is wrong with the
            // folder.
        }
    }

    private static boolean abandoned(Path entry) {
        Matcher name = NAME.matcher(String.valueOf(entry.getFileName()));
        if (!name.matches()) {
            return false;
        }
        Optional<ProcessHandle> writer = ProcessHandle.of(Long.parseLong(name.group(1), Character.MAX_RADIX));
        return writer.isEmpty()
                || writer.flatMap(process -> process.info().startInstant())
                        .filter(start -> lastModified(entry).isBefore(start.minus(SLACK)))
                        .isPresent(); // another process has the number now, as number 1 of each container
    }

    private static Instant lastModified(Path entry) {
        try {
            return Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS).toInstant();
        } catch (IOException e) {
            return Instant.MAX;
        }
    }
}
