package org.imagerl.rewards.detect;

import java.util.List;

/**
 * How well an image meets its task.
 *
 * @param correct GenEval's: at least as many as are asked for, in the right colours and places, and nothing that is
 *     excluded
 * @param strict Flow-GRPO's {@code strict_correct}: exactly as many as are asked for, in the right colours and places
 * @param share Flow-GRPO's {@code score}: the mean of how near counts and colours come, and of the places; at most 1
 * @param reasons why it is not correct, or not strictly so
 */
record Verdict(boolean correct, boolean strict, double share, List<String> reasons) {}
