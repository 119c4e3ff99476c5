package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.imagerl.hub.ConfigFile;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that is being loaded.
 *
 * @param source its components
 * @param manager owns what is loaded
 * @param dtypes of weights and activations
 * @param memory what is traded for memory
 * @param model what the checkpoint leaves open
 * @param initialiser fills networks that have no weights yet
 * @param residences of the networks that are loaded
 * @param stored in which dtypes the files hold the weights, as far as they were opened
 * @param warnings takes one line for the user per thing that was not as asked
 */
public record OpenCheckpoint(
        CheckpointSource source,
        NDManager manager,
        ComponentDtypes dtypes,
        PipelineFactory.Memory memory,
        PipelineFactory.Model model,
        WeightInitialiser initialiser,
        Residences residences,
        StoredDtypes stored,
        Consumer<String> warnings) {

    /** Fills networks that have no weights yet, for pretraining. */
    public interface WeightInitialiser {
        /** There are none: all weights are in files. */
        WeightInitialiser NONE = (network, manager) -> false;

        /** All weights are in files, but are not wanted: their headers are checked, and networks stay empty. */
        WeightInitialiser HEADERS_ONLY = new WeightInitialiser() {
            @Override
            public boolean fill(ParameterStore network, NDManager manager) {
                return false;
            }

            @Override
            public boolean headersOnly() {
                return true;
            }
        };

        /** Fills a network if it is one of them, float32. */
        boolean fill(ParameterStore network, NDManager manager);

        /** Whether no weights are to be read. */
        default boolean headersOnly() {
            return false;
        }
    }

    /**
     * A folder that describes a checkpoint whose weights are yet to be trained, in float32.
     *
     * @param initialiser gives the initial weights of the components that have none
     */
    public static OpenCheckpoint untrained(
            Path path, NDManager manager, WeightInitialiser initialiser, Consumer<String> warnings) {
        return new OpenCheckpoint(
                CheckpointSource.folder(path),
                manager,
                ComponentDtypes.FLOAT32,
                PipelineFactory.Memory.NONE,
                PipelineFactory.Model.USUAL,
                initialiser,
                new Residences(),
                new StoredDtypes(),
                warnings);
    }

    /** The path that the user named; for messages. */
    public Path path() {
        return source.path();
    }

    /** Which components it has. */
    public ModelIndex index() {
        return source.index();
    }

    /** The description of a component of which there are weights. */
    public ConfigFile config(String component) {
        return source.component(component).config("config.json");
    }

    /** The description of the noise schedule. */
    public ConfigFile schedulerConfig() {
        return source.component("scheduler").config("scheduler_config.json");
    }

    /** The folder of a tokenizer. */
    public Path tokenizer(String component) {
        return source.component(component).folder();
    }

    /** A tokenizer of CLIP. */
    ClipTokenizer clipTokenizer(String component) {
        return source.component(component).clipTokenizer();
    }

    /** Refuses a guidance scale for a denoiser that is not conditioned on one. */
    public void refuseEmbeddedGuidance() {
        refuse(
                "embedded_guidance",
                model.embeddedGuidance(),
                "its denoiser has no embedding of a guidance scale; guide it by " + "rollout.guidance");
    }

    /** Refuses a number of tokens for text encoders that have one of their own. */
    public void refuseTextTokens() {
        refuse("text_tokens", model.textTokens(), "its text encoders have a fixed number of tokens");
    }

    /**
     * Tokens of a prompt for T5: as the caller says, else as the checkpoint says.
     *
     * @param usual the family's number, if neither says
     */
    public int textTokens(int usual) {
        Integer wanted = model.textTokens();
        return wanted == null ? index().maxSequenceLength().orElse(usual) : wanted;
    }

    private void refuse(String key, @Nullable Object value, String reason) {
        if (value != null) {
            throw UserException.input(
                    "model." + key + " is " + value + ", which " + path() + " has no use for: " + reason);
        }
    }

    /** Fills a declared denoiser, and gives it back. */
    public Denoiser load(Denoiser declared) {
        new Weights(Component.DIFFUSERS, declared.network(), dtypes.denoiser(), names -> key -> key).load(this);
        return declared;
    }

    /** Fills a declared network from the folder of its component, now or whenever it is used. */
    Residence reside(Weights weights) {
        Residence residence;
        if (memory.offload() && !initialiser.headersOnly()) {
            weights.check(this); // what is wrong shows now
            residence = Residence.whileUsed(weights.network(), weights.type(), () -> weights.load(this));
        } else {
            residence = Residence.always(weights.network(), weights.type(), () -> weights.load(this));
        }
        residences.add(residence);
        return residence;
    }

    /**
     * A text encoder, whose outputs are kept on disk if the user wants that.
     *
     * @param description what else its outputs depend on
     */
    public PromptNetwork prompts(Weights weights, String description, PromptNetwork.Forward forward) {
        return new PromptNetwork(
                reside(weights), forward, cache(), () -> description + "\n" + weights.fingerprint(this));
    }

    /** Where outputs of encoders are kept; null for nowhere. */
    @Nullable
    EmbeddingCache cache() {
        Path folder = memory.embeddingCache();
        return folder == null || initialiser.headersOnly() ? null : EmbeddingCache.in(folder, warnings);
    }
}
