package org.imagerl.diffusion.solver;

import org.imagerl.diffusion.schedule.NoiseLevel;
import org.imagerl.diffusion.schedule.SigmaGrid;

/**
 * The quantities of solvers in {@code lambda = ln(alpha / sigma)} at the points of a grid.
 *
 * @param grid of a run
 */
record Levels(SigmaGrid grid) {

    /** lambda; infinite where there is no noise. */
    double lambda(int point) {
        return -Math.log(grid.sigma(point));
    }

    /** {@code h = lambda(to) - lambda(from)}. */
    double between(int from, int to) {
        return lambda(to) - lambda(from);
    }

    /** {@code e^-h - 1} of the way from one point to another; -1 to a point without noise. */
    double phi(int from, int to) {
        return grid.sigma(to) / grid.sigma(from) - 1;
    }

    double alpha(int point) {
        return grid.level(point).alpha();
    }

    /** {@code sigma(to) / sigma(from)} in {@code x = alpha x0 + sigma eps}. */
    double sigmaRatio(int from, int to) {
        NoiseLevel end = grid.level(to);
        return end.sigma() / grid.level(from).sigma();
    }

    /** Whether a point has no noise. */
    boolean clean(int point) {
        return grid.sigma(point) == 0;
    }

    int steps() {
        return grid.steps();
    }
}
