package org.imagerl.latent.pretrain;

import org.imagerl.latent.pretrain.words.WordImage;
import org.imagerl.latent.pretrain.words.WordSet;

/** The generated word set: three digits, some of the thousand strings held out. */
final class WordImages implements ImageSource {
    private static final int DIGITS = 3;

    private final WordSet words;
    private final int size;

    WordImages(PretrainPlan plan) {
        words = new WordSet(plan.width(), plan.height(), DIGITS, plan.data().heldOut(), plan.seed());
        size = plan.data().images();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Captioned get(int index) {
        WordImage image = words.train(index);
        return new Captioned(image.image(), image.caption());
    }
}
