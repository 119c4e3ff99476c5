package org.imagerl.toolkit.lora.files;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The configuration of an adapter of one component, PEFT's {@code LoraConfig}: as {@code adapter_config.json}, or with the
 * component before each key in diffusers' {@code lora_adapter_metadata}. What a file said is kept word for word; only rank
 * and alpha are used, and settings that would need other arithmetic are refused.
 */
final class AdapterConfig {
    /** Settings that change what the matrices mean, with the reason why they are refused. */
    private static final Map<String, String> OTHER_ARITHMETIC = Map.of(
            "use_dora", "DoRA rescales the columns of the weight",
            "use_qalora", "QA-LoRA pools the input",
            "lora_bias", "the up matrices have biases",
            "fan_in_fan_out", "the weights are stored transposed",
            "modules_to_save", "whole layers were trained beside the adapter",
            "layer_replication", "layers of the model are doubled",
            "target_parameters", "parameters that are no layers are adapted",
            "trainable_token_indices", "embeddings of tokens were trained beside the adapter",
            "alora_invocation_tokens", "the adapter is active after certain tokens only");

    /** Initialisations that change the weights of the base model, so that the adapter does not fit the published ones. */
    private static final Set<String> CHANGE_THE_BASE = Set.of("pissa", "olora", "corda", "loftq");

    private final ObjectNode json;

    private AdapterConfig(ObjectNode json) {
        this.json = json;
    }

    /**
     * Takes a configuration as it is in a file.
     *
     * @param where the file and key, for messages
     * @throws UserException if it is no LoRA, has no rank or alpha, or needs arithmetic that is not implemented
     */
    static AdapterConfig of(String where, ObjectNode json) {
        AdapterConfig config = new AdapterConfig(json.deepCopy());
        String type = json.path("peft_type").asString("LORA");
        if (!type.equals("LORA")) {
            throw UserException.input(where + ": peft_type is " + Quote.of(type) + ", only LORA is supported");
        }
        refuseOtherArithmetic(where, json);
        config.positive(where, "r");
        number(where, "lora_alpha", json.get("lora_alpha"));
        return config;
    }

    private static void refuseOtherArithmetic(String where, ObjectNode json) {
        new TreeMap<>(OTHER_ARITHMETIC).forEach((key, reason) -> {
            if (isSet(json.get(key))) {
                throw UserException.input(
                        where + ": " + key + " is " + json.get(key) + ", which is not supported: " + reason);
            }
        });
        String bias = json.path("bias").asString("none");
        String initialisation = json.path("init_lora_weights").asString("");
        if (!bias.equals("none")) {
            throw UserException.input(where + ": bias is " + Quote.of(bias) + ", only \"none\" is supported");
        }
        if (CHANGE_THE_BASE.contains(initialisation.split("_", 2)[0])) {
            throw UserException.input(where + ": init_lora_weights is " + Quote.of(initialisation)
                    + ", which changes the base model: convert the adapter to plain LoRA with PEFT first");
        }
    }

    private static boolean isSet(@Nullable JsonNode value) {
        return value != null
                && !value.isNull()
                && !(value.isBoolean() && !value.booleanValue())
                && !(value.isContainer() && value.isEmpty());
    }

    /** A configuration that says of each layer the rank and alpha that it has; only settings that every PEFT knows. */
    static AdapterConfig describing(SortedMap<String, LoraPair> layers) {
        ObjectNode json = StrictJson.newObject();
        json.putNull("base_model_name_or_path");
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("inference_mode", false);
        json.put("init_lora_weights", true);
        json.put("lora_dropout", 0.0);
        json.put("peft_type", "LORA");
        json.putNull("task_type");
        describe(json, layers);
        return new AdapterConfig(json);
    }

    /** The configuration that the file of an adapter had for a component if that still holds, or one that describes the matrices. */
    static AdapterConfig of(LoraWeights weights, String component) {
        SortedMap<String, LoraPair> layers = weights.layers(component);
        String given = weights.configs().get(component);
        String where = "adapter configuration of " + component;
        return given == null
                ? describing(layers)
                : of(where, StrictJson.object(where, given)).describingNow(layers);
    }

    /** The settings of components as {@link LoraWeights} keeps them. */
    static Map<String, String> texts(Map<String, AdapterConfig> configs) {
        Map<String, String> texts = new TreeMap<>();
        configs.forEach((component, config) -> texts.put(component, StrictJson.compact(config.json)));
        return texts;
    }

    /** This, if it still says of each layer the rank and alpha that it has; otherwise a corrected copy. */
    AdapterConfig describingNow(SortedMap<String, LoraPair> layers) {
        String where = "adapter configuration";
        boolean holds = layers.entrySet().stream()
                .allMatch(layer -> rank(where, layer.getKey())
                                == layer.getValue().rank()
                        && alpha(where, layer.getKey()) == layer.getValue().alpha());
        if (holds) {
            return this;
        }
        ObjectNode corrected = json.deepCopy();
        corrected.put("use_rslora", false);
        describe(corrected, layers);
        return new AdapterConfig(corrected);
    }

    /**
     * As it is written for a reader that cannot do without some keys: where the file did not say them, they have PEFT's defaults.
     *
     * @param needed the keys
     * @param layers that are adapted
     */
    ObjectNode json(List<String> needed, Set<String> layers) {
        ObjectNode whole = json.deepCopy();
        for (String key : needed) {
            if (!whole.has(key)) {
                switch (key) {
                    case "peft_type" -> whole.put(key, "LORA");
                    case "target_modules" -> layers.forEach(whole.putArray(key)::add);
                    default -> whole.putObject(key);
                }
            }
        }
        return whole;
    }

    private static void describe(ObjectNode json, SortedMap<String, LoraPair> layers) {
        double rank = commonest(layers.values(), pair -> (double) pair.rank());
        double alpha = commonest(layers.values(), LoraPair::alpha);
        putNumber(json, "r", rank);
        putNumber(json, "lora_alpha", alpha);
        ObjectNode ranks = json.putObject("rank_pattern");
        ObjectNode alphas = json.putObject("alpha_pattern");
        ArrayNode targets = json.putArray("target_modules");
        layers.forEach((layer, pair) -> {
            targets.add(layer);
            putUnless(rank, ranks, layer, pair.rank());
            putUnless(alpha, alphas, layer, pair.alpha());
        });
    }

    private static double commonest(Collection<LoraPair> pairs, Function<LoraPair, Double> value) {
        Map<Double, Long> counts =
                pairs.stream().collect(Collectors.groupingBy(value, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue(Comparator.naturalOrder()))
                .map(Map.Entry::getKey)
                .orElse(1.0);
    }

    private static void putUnless(double common, ObjectNode pattern, String layer, double value) {
        if (value != common) {
            // From the beginning of the name only, as diffusers writes it: conv_in is not resnets.0.conv_in.
            putNumber(pattern, "^" + layer.replace(".", "\\."), value);
        }
    }

    /** Whole numbers as such: PEFT's own are. */
    private static void putNumber(ObjectNode json, String key, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            json.put(key, (long) value);
        } else {
            json.put(key, value);
        }
    }

    /** The rank of a layer. */
    int rank(String where, String layer) {
        JsonNode special = special(where, "rank_pattern", layer);
        return special == null ? positive(where, "r") : (int) number(where, "rank_pattern", special);
    }

    /** The alpha of a layer, for a strength of alpha / rank: rank-stabilised adapters are trained with alpha / sqrt(rank). */
    double alpha(String where, String layer) {
        JsonNode special = special(where, "alpha_pattern", layer);
        JsonNode value = special == null ? json.get("lora_alpha") : special;
        double alpha = number(where, "lora_alpha", value);
        return json.path("use_rslora").asBoolean(false) ? alpha * Math.sqrt(rank(where, layer)) : alpha;
    }

    /**
     * The alpha of a layer whose rank is known from its matrices.
     *
     * @throws UserException if the configuration says another rank: then its alpha is not that of these matrices either
     */
    double checkedAlpha(String where, String layer, int rank) {
        int said = rank(where, layer);
        if (said != rank) {
            throw UserException.input(where + ": says rank " + said + " for layer " + Quote.of(layer)
                    + ", but its matrices have rank " + rank + ": configuration and weights are of different adapters");
        }
        return alpha(where, layer);
    }

    private @Nullable JsonNode special(String where, String pattern, String layer) {
        if (!(json.get(pattern) instanceof ObjectNode specials)) {
            return null;
        }
        return specials.properties().stream()
                .filter(entry -> new AdapterPattern(where + " " + pattern, entry.getKey()).matches(layer))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private int positive(String where, String key) {
        double value = number(where, key, json.get(key));
        if (value < 1 || value != Math.rint(value) || value > Integer.MAX_VALUE) {
            throw UserException.input(where + ": " + key + " is " + value + ", expected a whole number of at least 1");
        }
        return (int) value;
    }

    private static double number(String where, String key, @Nullable JsonNode value) {
        if (value == null || !value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw UserException.input(where + ": " + key + " is " + value + ", expected a number");
        }
        return value.doubleValue();
    }
}
