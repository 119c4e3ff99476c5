package org.imagerl.toolkit.lora.files;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.original.SgmNames;

/**
 * Layer names with dots, as many tools write them, as paths:
 *
 * <ul>
 *   <li>{@code unet.mid_block...}: the component and diffusers' name, by {@code save_lora_weights} of diffusers;
 *   <li>{@code mid_block...}: diffusers' name alone, by {@code save_lora_adapter} of diffusers;
 *   <li>{@code diffusion_model.double_blocks...}: the names of the model's own code, by ComfyUI and ai-toolkit; also without the first word (XLabs);
 *   <li>{@code lora_unet.mid_block...}, {@code lora_te1.text_model...}: kohya's prefix before diffusers' name, by OneTrainer;
 *   <li>{@code text_encoders.clip_l.transformer.text_model...}: a text encoder in ComfyUI.
 * </ul>
 */
final class DottedNames {
    private static final Set<String> SGM =
            Set.of("input_blocks", "middle_block", "output_blocks", "time_embed", "label_emb", "out");

    /** What names of a denoiser may begin with. */
    private static final Set<String> DENOISER = Set.of(
            "model.diffusion_model.", "diffusion_model.", "lora_unet.", "lora_transformer.", "unet.", "transformer.");

    /** What names of text encoders may begin with; T5 is the third of SD3 and the second of FLUX. */
    private static final Map<String, Component> TEXT = text();

    private static final Set<String> T5 = Set.of("text_encoders.t5xxl.transformer.", "t5xxl.transformer.", "lora_te3.");

    private final String where;
    private final Optional<JointNames> family;
    private final Map<String, JointTarget> joint = new TreeMap<>();
    private final Map<String, String> sgm = new TreeMap<>();

    /**
     * Names of one file.
     *
     * @param where the file, for messages
     * @param layers all names in it
     * @param base the model, as far as it is known; needed for the own names of UNets only
     */
    DottedNames(String where, Collection<String> layers, BaseModules base) {
        this.where = where;
        this.family = JointNames.known(base).or(() -> JointNames.ofOwnNames(layers));
        Set<String> unet = base.paths().stream()
                .filter(path -> Component.of(path) == Component.UNET)
                .map(Component.UNET::layer)
                .collect(Collectors.toSet());
        SgmNames names = new SgmNames(unet);
        unet.forEach(layer -> names.of(layer).ifPresent(own -> sgm.put(own, Component.UNET.path(layer))));
    }

    private static Map<String, Component> text() {
        Map<String, Component> text = new LinkedHashMap<>();
        text.put("lora_te.", Component.TEXT_ENCODER);
        text.put("lora_te1.", Component.TEXT_ENCODER);
        text.put("lora_te2.", Component.TEXT_ENCODER_2);
        for (String before : new String[] {"text_encoders.", ""}) {
            text.put(before + "clip_l.transformer.", Component.TEXT_ENCODER);
            text.put(before + "clip_h.transformer.", Component.TEXT_ENCODER);
            text.put(before + "clip_g.transformer.", Component.TEXT_ENCODER_2);
        }
        return text;
    }

    /**
     * The path of a name, or the name itself if it is of a layer that stands for several.
     *
     * @throws UserException naming the layer, if it is of no component that is known
     */
    String target(String name) {
        return text(name)
                .or(() -> denoiser(name))
                .or(() -> ofComponent(name))
                .or(() -> Component.guess(name))
                .orElseThrow(() -> unknown(name));
    }

    private Optional<String> text(String name) {
        for (String prefix : T5) {
            if (name.startsWith(prefix)) {
                boolean flux = family.filter(JointNames.FLUX::equals).isPresent();
                Component component = flux ? Component.TEXT_ENCODER_2 : Component.TEXT_ENCODER_3;
                return Optional.of(component.path(name.substring(prefix.length())));
            }
        }
        return TEXT.entrySet().stream()
                .filter(entry -> name.startsWith(entry.getKey()))
                .map(entry ->
                        entry.getValue().path(name.substring(entry.getKey().length())))
                .findFirst();
    }

    /** A name of the model's own code, or diffusers' own name after another tool's prefix. */
    private Optional<String> denoiser(String name) {
        Optional<String> prefix = prefix(name);
        String rest = name.substring(prefix.map(String::length).orElse(0));
        Optional<JointTarget> target = family.flatMap(known -> known.back(rest));
        if (target.isPresent()) {
            JointTarget found = target.get();
            if (found.place().widths().isEmpty() && found.paths().containsValue(Component.TRANSFORMER.path(rest))) {
                return Optional.of(Component.TRANSFORMER.path(rest));
            }
            joint.put(name, found);
            return Optional.of(name);
        }
        if (SGM.contains(first(rest))) {
            return Optional.of(sgm(name, rest));
        }
        return prefix.isPresent() && Component.named(first(name)).isEmpty() ? Component.guess(rest) : Optional.empty();
    }

    private String sgm(String name, String rest) {
        if (sgm.isEmpty()) {
            throw UserException.input(
                    where + ": layer " + Quote.of(name) + " has the name that UNets give it in their own code; to tell"
                            + " which layer of diffusers it is the checkpoint that the"
                            + " adapter is for is needed: name it too");
        }
        String path = sgm.get(rest);
        if (path == null) {
            throw UserException.input(where + ": the model has no layer " + Quote.of(name)
                    + "; name the checkpoint that the adapter was trained on");
        }
        return path;
    }

    private static Optional<String> prefix(String name) {
        return DENOISER.stream().filter(name::startsWith).findFirst();
    }

    private static Optional<String> ofComponent(String name) {
        return Component.named(first(name)).isPresent() && name.indexOf('.') > 0 ? Optional.of(name) : Optional.empty();
    }

    private UserException unknown(String name) {
        return UserException.input(where + ": layer " + Quote.of(name)
                + " is of no known component: adapters of the UNets of Stable Diffusion and of the transformers of SD3"
                + " and FLUX.1 are read, with the names of their own code or with one of " + Component.names()
                + " before diffusers' names");
    }

    private static String first(String name) {
        return name.split("\\.", 2)[0];
    }

    /** The pairs by path that a target of {@link #target} and its pair stand for. */
    Map<String, LoraPair> pairs(String target, LoraPair pair) {
        JointTarget several = joint.get(target);
        return several == null ? Map.of(target, pair) : several.split(where, target, pair);
    }

    /** The component of a name; empty if it is of none that is known. */
    Optional<Component> component(String name) {
        if (SGM.contains(first(name.substring(prefix(name).map(String::length).orElse(0))))) {
            return Optional.of(Component.UNET);
        }
        try {
            String target = target(name);
            return Optional.of(joint.containsKey(target) ? Component.TRANSFORMER : Component.of(target));
        } catch (UserException e) {
            return Optional.empty();
        }
    }

    /** How a file names its layers, for those who say which tools read it. */
    enum Style {
        /** The component before diffusers' names. */
        COMPONENT,
        /** Diffusers' names alone. */
        BARE,
        /** The names of XLabs' attention processors for FLUX. */
        XLABS,
        /** The names of the model's own code. */
        OWN,
        /** Kohya's prefixes with dots. */
        KOHYA_WITH_DOTS
    }

    /** The style of a name, without its matrix. */
    static Style style(String name) {
        String first = first(name);
        if (Component.named(first).isPresent()) {
            return Style.COMPONENT;
        }
        if (first.startsWith("lora_")) {
            return Style.KOHYA_WITH_DOTS;
        }
        return Component.guess(name).isPresent() ? Style.BARE : Style.OWN;
    }
}
