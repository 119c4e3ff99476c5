package org.imagerl.flow.dynamics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.imagerl.flow.testing.LineFlow;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.sampling.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Groups that begin with one noise: one trajectory up to the window, then a branch for each sample. */
class BranchingTest {
    private static final int STEPS = 8;
    private static final Dynamics LATE = window(2);
    private static final Prompt A = Prompt.of("a", "a");
    private static final Prompt B = Prompt.of("b", "b");
    private static final List<Prompt> PROMPTS = List.of(A, A, A, B, B, B);
    private static final long[] STARTS = {5, 5, 5, 6, 6, 6};
    private static final long[] OWN = {10, 11, 12, 13, 14, 15};

    private final LineFlow flow = new LineFlow();

    @AfterEach
    void close() {
        flow.close();
    }

    private static Dynamics window(int from) {
        return FlowSde.dynamics(new FlowSde.Config(0.7, new Window.Fixed(from, 3), false));
    }

    private static float[] row(Trajectories rollout, int state, int row) {
        float[] all = rollout.state(state).toFloatArray();
        int size = all.length / rollout.size();
        return Arrays.copyOfRange(all, row * size, (row + 1) * size);
    }

    /** As if every sample had walked the whole way by itself, at the cost of one walk for each group before the window. */
    @ParameterizedTest
    @EnumSource(value = Sampler.Keep.class, names = "PATH", mode = EnumSource.Mode.EXCLUDE)
    void theTrunkIsWalkedOnceAndChangesNothing(Sampler.Keep keep) {
        Trajectories apart = flow.rollout(LATE, STEPS, keep, PROMPTS, new Seeds(STARTS, OWN, false));
        long alone = flow.policy.evaluations();
        assertThat(alone).isEqualTo(STEPS * 6);
        Trajectories shared = flow.rollout(LATE, STEPS, keep, PROMPTS, Seeds.shared(STARTS, OWN));
        assertThat(flow.policy.evaluations() - alone).isEqualTo(2 * 2 + (STEPS - 2) * 6);
        assertThat(shared.prompts()).isEqualTo(PROMPTS);
        assertThat(shared.state(STEPS).toFloatArray())
                .containsExactly(apart.state(STEPS).toFloatArray());
        for (int step = 0; step < STEPS; step++) {
            assertThat(shared.trainable(step)).isEqualTo(apart.trainable(step));
            if (apart.trainable(step)) {
                assertThat(shared.logDensity(step).toFloatArray())
                        .containsExactly(apart.logDensity(step).toFloatArray());
            }
        }
    }

    @Test
    void aGroupIsOneUpToTheWindowAndPartsThere() {
        Trajectories shared = flow.rollout(LATE, STEPS, Sampler.Keep.TRANSITIONS, PROMPTS, Seeds.shared(STARTS, OWN));
        assertThat(row(shared, 2, 1)).containsExactly(row(shared, 2, 0));
        assertThat(row(shared, 2, 3)).isNotEqualTo(row(shared, 2, 0));
        assertThat(row(shared, 3, 1)).isNotEqualTo(row(shared, 3, 0));
        assertThat(row(shared, STEPS, 1)).isNotEqualTo(row(shared, STEPS, 0));
    }

    @Test
    void withNoiseFromTheFirstStepOnOnlyTheBeginningIsShared() {
        Trajectories shared =
                flow.rollout(window(0), STEPS, Sampler.Keep.TRANSITIONS, PROMPTS, Seeds.shared(STARTS, OWN));
        assertThat(flow.policy.evaluations()).isEqualTo(STEPS * 6);
        assertThat(row(shared, 0, 2)).containsExactly(row(shared, 0, 0));
        assertThat(row(shared, 1, 2)).isNotEqualTo(row(shared, 1, 0));
    }

    /** A group that is cut by a batch begins as one all the same. */
    @Test
    void aGroupMayLieInTwoBatches() {
        Trajectories whole = flow.rollout(LATE, STEPS, Sampler.Keep.LAST, PROMPTS, Seeds.shared(STARTS, OWN));
        Seeds seeds = Seeds.shared(STARTS, OWN);
        Trajectories second = flow.rollout(LATE, STEPS, Sampler.Keep.LAST, PROMPTS.subList(2, 6), seeds.range(2, 6));
        assertThat(row(second, STEPS, 0)).containsExactly(row(whole, STEPS, 2));
        assertThat(row(second, STEPS, 3)).containsExactly(row(whole, STEPS, 5));
    }
}
