package org.imagerl.toolkit.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WorkersTest {
    @BeforeAll
    static void loadTheEngine() {
        Engine.getEngine("PyTorch");
    }

    @Test
    void everyTaskIsDoneOnceAndByTheWorkerWhoseTurnItIs() {
        List<List<Integer>> done = IntStream.range(0, 3)
                .mapToObj(worker -> Collections.synchronizedList(new ArrayList<Integer>()))
                .toList();
        Map<Integer, String> threads = new ConcurrentHashMap<>();
        try (Workers workers = new Workers(3)) {
            workers.run(8, (index, worker) -> {
                done.get(worker).add(index);
                threads.put(worker, Thread.currentThread().getName());
            });
        }
        assertThat(done).containsExactly(List.of(0, 3, 6), List.of(1, 4, 7), List.of(2, 5));
        assertThat(Set.copyOf(threads.values())).hasSize(3);
    }

    @Test
    void twoTasksRunAtTheSameTime() {
        CountDownLatch both = new CountDownLatch(2);
        try (Workers workers = new Workers(2)) {
            workers.run(2, (index, worker) -> {
                both.countDown();
                assertThat(waited(both)).isTrue();
            });
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean waited(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void oneWorkerIsTheThreadThatAsks() {
        List<Thread> threads = new ArrayList<>();
        try (Workers workers = new Workers(1)) {
            workers.run(2, (index, worker) -> threads.add(Thread.currentThread()));
        }
        assertThat(threads).containsExactly(Thread.currentThread(), Thread.currentThread());
    }

    @Test
    void workersShareTheThreadsOfTheEngine() {
        int before = JniUtils.getNumThreads();
        JniUtils.setNumThreads(4);
        try (Workers workers = new Workers(2)) {
            List<Integer> engine = Collections.synchronizedList(new ArrayList<>());
            List<Boolean> recording = Collections.synchronizedList(new ArrayList<>());
            workers.run(2, (index, worker) -> {
                engine.add(JniUtils.getNumThreads());
                recording.add(JniUtils.isGradMode());
            });
            assertThat(engine).containsExactly(2, 2);
            assertThat(recording).containsExactly(false, false);
            assertThat(JniUtils.getNumThreads()).isEqualTo(4);
        } finally {
            JniUtils.setNumThreads(before);
        }
    }

    @Test
    void aFailureIsThatOfTheTaskAndStopsTheOthers() {
        List<Integer> begun = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch failed = new CountDownLatch(1);
        try (Workers workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.run(1000, (index, worker) -> {
                        begun.add(index);
                        if (index == 1) {
                            failed.countDown();
                            throw new IllegalStateException("task 1");
                        }
                        assertThat(waited(failed)).isTrue();
                        pause();
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("task 1");
            assertThat(begun).doesNotContain(3, 999).doesNotContain(998);
            List<Integer> again = Collections.synchronizedList(new ArrayList<>());
            workers.run(2, (index, worker) -> again.add(index));
            assertThat(again).containsExactlyInAnyOrder(0, 1);
        }
    }
}
