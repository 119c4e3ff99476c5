package org.imagerl.latent.pretrain;

import org.imagerl.latent.pretrain.words.WordPicture;
import org.imagerl.latent.pretrain.words.WordSet;

/** The generated word set: three digits, some of the thousand strings held out. */
final class WordPictures implements PictureSource {
    private static final int DIGITS = 3;

    private final WordSet words;
    private final int size;

    WordPictures(PretrainPlan plan) {
        words = new WordSet(plan.width(), plan.height(), DIGITS, plan.data().heldOut(), plan.seed());
        size = plan.data().pictures();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Captioned get(int index) {
        WordPicture picture = words.train(index);
        return new Captioned(picture.image(), picture.caption());
    }
}
