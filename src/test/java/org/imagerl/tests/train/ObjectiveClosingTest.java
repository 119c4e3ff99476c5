package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Selection;
import org.imagerl.toolkit.recipe.SimpleFactory;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.Training;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever makes an objective closes it: the rules that look at it, and the run. */
class ObjectiveClosingTest {
    private static final AtomicInteger MADE = new AtomicInteger();
    private static final AtomicInteger OPEN = new AtomicInteger();

    /** Counts those that are open. */
    private static final class Counted implements Objective {
        Counted() {
            MADE.incrementAndGet();
            OPEN.incrementAndGet();
        }

        @Override
        public Needs needs() {
            return new Needs(false, false, Set.of());
        }

        @Override
        public void close() {
            OPEN.decrementAndGet();
        }
    }

    private static final class CountedPlugin implements Plugin {
        @Override
        public String name() {
            return "counted";
        }

        @Override
        public List<Factory<? extends Objective, ?>> objectives() {
            return List.of(SimpleFactory.of("counted", "counts those that are open", Counted::new));
        }

        @Override
        public List<Factory<? extends Selection, ?>> selections() {
            return List.of(SimpleFactory.of("broken", "cannot be made", () -> {
                throw new IllegalStateException("broken");
            }));
        }
    }

    private static EffectiveConfig load(TinyRun run, Registry registry, String... more) {
        List<String> overrides =
                new ArrayList<>(List.of("algorithm={preset: ctrl, objective: {type: counted}}", "epochs=1"));
        overrides.addAll(List.of(more));
        return new RunConfigLoader(registry).load(run.file(), overrides);
    }

    private static Registry registry() {
        return Registry.of(Stream.concat(TinyRun.REGISTRY.plugins().stream(), Stream.of(new CountedPlugin()))
                .toArray(Plugin[]::new));
    }

    @Test
    void noneIsOpenAfterARun(@TempDir Path folder) {
        Registry registry = registry();
        TinyRun run = new TinyRun(folder);
        EffectiveConfig config = load(run, registry);
        assertThat(MADE.get()).isPositive();
        assertThat(OPEN.get()).isZero(); // the rules have closed theirs
        int before = MADE.get();
        Training.start(config, registry, List.of("train"), (stage, done, total, detail) -> {}, line -> {});
        assertThat(MADE.get()).isEqualTo(before + 1);
        assertThat(OPEN.get()).isZero();
    }

    @Test
    void noneIsOpenAfterAPartThatBreaks(@TempDir Path folder) {
        int before = MADE.get();
        assertThatThrownBy(() -> load(new TinyRun(folder), registry(), "algorithm.selection={type: broken}"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("broken");
        assertThat(MADE.get()).isGreaterThan(before);
        assertThat(OPEN.get()).isZero();
    }
}
