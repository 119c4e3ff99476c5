package org.imagerl.spi.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class CacheFolderTest {
    private static final Map<String, Long> SIZES = Map.of("a.so", 3L);

    @TempDir
    private Path folder;

    private static void fill(Path entry) throws IOException {
        Files.writeString(entry.resolve("a.so"), "abc");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void isForTheUserAlone() throws IOException {
        CacheFolder cache = CacheFolder.open(folder.resolve("deep/cache"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.path())))
                .isEqualTo("rwx------");
        Path entry = cache.filled("x", SIZES, CacheFolderTest::fill);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entry)))
                .isEqualTo("rwx------");
    }

    @Test
    void isFilledOnceAndAnewWhenDamaged() throws IOException {
        CacheFolder cache = CacheFolder.open(folder.resolve("cache"));
        Path entry = cache.filled("x", SIZES, CacheFolderTest::fill);
        assertThat(cache.filled("x", SIZES, path -> {
                    throw new IOException("is there");
                }))
                .isEqualTo(entry);
        Files.writeString(entry.resolve("a.so"), "a");
        cache.filled("x", SIZES, CacheFolderTest::fill);
        assertThat(entry.resolve("a.so")).hasContent("abc");
        assertThat(names(cache.path())).containsExactly("x");
    }

    @Test
    void aFillingThatFailsLeavesNothing() throws IOException {
        CacheFolder cache = CacheFolder.open(folder.resolve("cache"));
        assertThatThrownBy(() -> cache.filled("x", SIZES, path -> {
                    fill(path);
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThatThrownBy(() -> cache.filled("x", SIZES, path -> Files.writeString(path.resolve("a.so"), "half")))
                .isInstanceOf(IOException.class);
        assertThat(names(cache.path())).doesNotContain("a.so").noneMatch(name -> name.startsWith("."));
    }

    @Test
    void manyWhoFillItAtOnceAllFindItWhole() throws Exception {
        CacheFolder cache = CacheFolder.open(folder.resolve("cache"));
        int count = 8;
        CountDownLatch together = new CountDownLatch(count);
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<CompletableFuture<String>> found = IntStream.range(0, count)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> found(cache, together), threads))
                    .toList();
            assertThat(found.stream().map(CompletableFuture::join)).containsOnly("abc");
        } finally {
            threads.shutdown();
        }
        assertThat(names(cache.path())).containsExactly("x");
    }

    private static String found(CacheFolder cache, CountDownLatch together) {
        try {
            Path entry = cache.filled("x", SIZES, path -> {
                together.countDown();
                await(together);
                fill(path);
            });
            return Files.readString(entry.resolve("a.so"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void isRefusedWhereOthersCanWrite() throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> CacheFolder.open(open)).hasMessageContaining("can be written by others");
    }

    @Test
    void whatKilledProcessesHaveLeftIsDeletedAfterADay() throws IOException {
        CacheFolder cache = CacheFolder.open(folder.resolve("cache"));
        Path old = Files.createDirectory(cache.path().resolve(".new-1"));
        fill(old);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        Path recent = Files.createDirectory(cache.path().resolve(".new-2"));
        CacheFolder.open(cache.path());
        assertThat(old).doesNotExist();
        assertThat(recent).exists();
    }

    @Test
    void thePlaceIsTheVariablesElseTheSystems() {
        Path home = Path.of("/home/a");
        assertThat(CacheFolder.place(Map.of("IMAGERL_CACHE_DIR", "/x", "XDG_CACHE_HOME", "/y"), home, "Linux"))
                .isEqualTo(Path.of("/x"));
        assertThat(CacheFolder.place(Map.of("XDG_CACHE_HOME", "/y"), home, "Linux"))
                .isEqualTo(Path.of("/y/imagerl"));
        assertThat(CacheFolder.place(Map.of("XDG_CACHE_HOME", "relative"), home, "Linux"))
                .isEqualTo(Path.of("/home/a/.cache/imagerl"));
        assertThat(CacheFolder.place(Map.of(), home, "Mac OS X")).isEqualTo(Path.of("/home/a/Library/Caches/imagerl"));
    }
}
