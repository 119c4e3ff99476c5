package org.imagerl.latent.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * A kind of checkpoint that is written in a single file: it has the settings that do not follow from shapes and names,
 * as diffusers' {@code from_single_file} assumes them.
 *
 * @param title what it is, for messages
 * @param pipeline diffusers' name of its pipeline
 * @param parts the components with weights
 * @param tokenizers no single file has any: T5's must be named, CLIP's can be
 * @param scheduler {@code scheduler_config.json}
 * @param flags the switches of the pipeline
 * @param assumptions what the file does not say and is taken for granted, a line each
 */
public record SingleFileKind(
        String title,
        String pipeline,
        List<Part> parts,
        List<Tokenizer> tokenizers,
        ObjectNode scheduler,
        Map<String, Boolean> flags,
        List<String> assumptions) {

    /**
     * A component with weights.
     *
     * @param name of the component
     * @param library that has its class, as {@code model_index.json} names it
     * @param className as {@code model_index.json} names its class
     * @param format how files have it
     * @param optional whether the pipeline does without it
     * @param remedy where it is to be had from, for those whose file lacks it
     */
    public record Part(
            String name, String library, String className, ComponentFormat format, boolean optional, String remedy) {

        /** A network of diffusers, without which there is no checkpoint. */
        public static Part diffusers(String name, String className, ComponentFormat format, String remedy) {
            return new Part(name, "diffusers", className, format, false, remedy);
        }

        /** A text encoder of transformers. */
        public static Part textEncoder(String name, String className, ComponentFormat format, String remedy) {
            return new Part(name, "transformers", className, format, false, remedy);
        }

        /** The same, which the pipeline does without. */
        public Part dispensable() {
            return new Part(name, library, className, format, true, remedy);
        }
    }

    /**
     * A tokenizer.
     *
     * @param name of the component
     * @param className as {@code model_index.json} names its class
     * @param encoder the text encoder that needs it
     * @param pad the token that fills prompts up, whatever the folder says; empty: as the folder says
     * @param like the tokenizer whose folder is taken where none is named; empty: one must be named
     * @param remedy where it is to be had from
     */
    public record Tokenizer(
            String name, String className, String encoder, Optional<String> pad, Optional<String> like, String remedy) {
        private static final String CLIP_CLASS = "CLIPTokenizer";
        private static final String CLIP = "hf download openai/clip-vit-large-patch14 vocab.json merges.txt"
                + " tokenizer_config.json special_tokens_map.json --local-dir DIR";
        private static final String T5 = "hf download google-t5/t5-small tokenizer.json --local-dir DIR (all T5 models"
                + " have the same vocabulary)";

        boolean isClip() {
            return className.equals(CLIP_CLASS);
        }

        /** CLIP's. */
        public static Tokenizer clip(String name, String encoder) {
            return new Tokenizer(name, CLIP_CLASS, encoder, Optional.empty(), Optional.empty(), CLIP);
        }

        /** CLIP's as OpenCLIP uses it, which fills prompts up with the token of id 0. */
        public static Tokenizer openClip(String name, String encoder) {
            return new Tokenizer(name, CLIP_CLASS, encoder, Optional.of("!"), Optional.empty(), CLIP);
        }

        /** T5's. */
        public static Tokenizer t5(String name, String encoder) {
            return new Tokenizer(name, "T5TokenizerFast", encoder, Optional.empty(), Optional.empty(), T5);
        }

        /** The same, with the vocabulary of another one where none is named. */
        public Tokenizer orLike(String other) {
            return new Tokenizer(name, className, encoder, pad, Optional.of(other), remedy);
        }
    }

    /** The name under which a whole checkpoint folder describes the components, in place of what follows from shapes. */
    static final String CONFIG = "config";

    /** Keeps its own copies. */
    public SingleFileKind {
        parts = List.copyOf(parts);
        tokenizers = List.copyOf(tokenizers);
        flags = Map.copyOf(new TreeMap<>(flags));
        assumptions = List.copyOf(assumptions);
    }

    /** The same, of another pipeline. */
    public SingleFileKind of(String otherPipeline) {
        return new SingleFileKind(title, otherPipeline, parts, tokenizers, scheduler, flags, assumptions);
    }

    /** The names of all that can be named in place of what the file has. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        parts.forEach(part -> names.add(part.name()));
        tokenizers.forEach(tokenizer -> names.add(tokenizer.name()));
        names.add("scheduler");
        names.add(CONFIG);
        return names;
    }
}
