package org.imagerl.latent.reward;

import java.util.List;
import org.imagerl.images.text.TargetText;
import org.imagerl.latent.reader.TextLikelihoodReward;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Reward;
import org.imagerl.toolkit.recipe.ContextFactory;

/** The plugin of rewards on networks that checkpoints of latent-image models have too. */
public final class LatentPlugin implements Plugin {

    @Override
    public String name() {
        return "latent";
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(
                ContextFactory.of(
                        "differentiable",
                        "a CLIP or SigLIP with a gradient: PickScore, CLIPScore, HPSv2, aesthetic and others by formula",
                        SimilarityReward.Config.defaults(),
                        SimilarityReward::new),
                ContextFactory.of(
                        "ocr-likelihood",
                        "log-likelihood of the prompt's quoted text by PP-OCR's recogniser, by letter, with a gradient",
                        new TextLikelihoodReward.Config(TextLikelihoodReward.Models.PP_OCR_V4, TargetText.Quotes.AUTO),
                        TextLikelihoodReward::new));
    }
}
