package org.imagerl.ctrl.data;

import java.util.List;
import org.imagerl.ctrl.control.Control;
import org.imagerl.spi.Context;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;

/** A source of the classes of images; each source gives one control, or several. */
public sealed interface Labels {

    /**
     * One sub-folder per class, in the order of their names. Only as the sole source.
     *
     * @param control its name
     */
    record Folders(String control) implements Labels {}

    /**
     * A table with a line per image: {@code .csv} with a header, or {@code .jsonl}, with {@code file_name} relative to the folder and a column
     * per control with the number of the class.
     *
     * @param file relative to the configuration
     * @param control the name of the column
     * @param classes how many there are
     */
    record Table(String file, String control, int classes) implements Labels {}

    /**
     * The score of an image by a reward: class 0 is below the first threshold, the last class is at or above the last
     * threshold.
     *
     * @param control its name
     * @param reward of the image alone; the prompt is empty
     * @param thresholds ascending, one fewer than classes
     */
    record Scored(String control, PartConfig<Reward> reward, List<Double> thresholds) implements Labels {
        /** Checks that the thresholds ascend. */
        public Scored {
            boolean ascending = !thresholds.isEmpty();
            for (int i = 1; i < thresholds.size(); i++) {
                ascending &= thresholds.get(i) > thresholds.get(i - 1);
            }
            if (!ascending) {
                throw new IllegalArgumentException("thresholds must be one or more numbers, ascending");
            }
        }

        /**
         * Makes the reward.
         *
         * @throws UserException if it scores groups of images, by which a class would depend on its neighbours
         */
        public Reward scorer(Context context) {
            Reward made = reward.create(context);
            if (made.spec().scope() != Reward.Scope.POINTWISE) {
                made.close();
                throw UserException.input(
                        "labels: " + reward.type() + " scores groups of images, not one alone: a class"
                                + " would depend on which others are scored with it; label by another reward");
            }
            return made;
        }

        /** The control that is labelled. */
        public Control asControl() {
            return new Control(control, thresholds.size() + 1);
        }

        /** The class of a score. */
        public int classOf(double score) {
            int klass = 0;
            while (klass < thresholds.size() && score >= thresholds.get(klass)) {
                klass++;
            }
            return klass;
        }
    }

    /**
     * The mean score of all images of a prompt: what the prompt gives, and not what the noise of one image happened to give. After Dichotomy of
     * Control (Yang, Schuurmans, Abbeel, Nachum, Dichotomy of Control: Separating What You Can Control from What You Cannot, 2022, arXiv
     * 2210.13435): a policy that is conditioned on what it achieved is conditioned on luck too, unless the condition carries no information about
     * the environment's noise. The paper learns such a variable under a constraint of mutual information; a mean over the noises of a prompt
     * carries little of any one of them.
     *
     * @param control its name
     * @param reward of single images; the prompts are those in the files of the images
     * @param thresholds of the mean, ascending, one fewer than classes
     */
    record PromptScored(String control, PartConfig<Reward> reward, List<Double> thresholds) implements Labels {
        /** Checks that the thresholds ascend. */
        public PromptScored {
            new Scored(control, reward, thresholds);
        }

        /** The same of each image by itself. */
        public Scored single() {
            return new Scored(control, reward, thresholds);
        }
    }
}
