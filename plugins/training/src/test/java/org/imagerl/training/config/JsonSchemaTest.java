package org.imagerl.training.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.config.ConfigKeys;
import org.imagerl.config.registry.Registry;
import org.imagerl.testkit.TestPlugin;
import org.imagerl.toolkit.run.RunPlugin;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonSchemaTest {
    private final JsonNode schema =
            JsonMapper.shared().readTree(RunConfigLoader.schema(Registry.of(new TestPlugin(), new RunPlugin())));

    @Test
    void onlyKeysWithoutDefaultAreRequired() {
        assertThat(schema.get("required").toString()).isEqualTo("[\"checkpoint\",\"rewards\"]");
        assertThat(schema.get("additionalProperties").asBoolean()).isFalse();
    }

    /** Whatever the process: maps without an order differ from one to the next. */
    @Test
    void theKeysOfASchemaAreInOneOrder() {
        requireTypeFirst(schema.get("properties"));
    }

    private static void requireTypeFirst(JsonNode node) {
        if (node.isObject() && node.has("type")) {
            assertThat(node.propertyNames().iterator().next())
                    .as(node.toString())
                    .isEqualTo("type");
        }
        node.forEach(JsonSchemaTest::requireTypeFirst);
    }

    @Test
    void boundsAndDefaultsAreShown() {
        assertThat(schema.at("/properties/rollout/properties/steps").toString())
                .isEqualTo("{\"type\":\"integer\",\"minimum\":1.0,\"maximum\":1000.0,\"default\":50}");
        assertThat(schema.at("/properties/optimiser/anyOf/1/properties/schedule/enum")
                        .toString())
                .isEqualTo("[\"constant\",\"cosine\",\"linear\"]");
    }

    @Test
    void everyRewardOfThePluginsIsAForm() {
        assertThat(schema.at("/properties/rewards/items").toString()).isEqualTo("{\"$ref\":\"#/$defs/reward-entry\"}");
        JsonNode forms = schema.at("/$defs/reward-entry/anyOf");
        assertThat(forms.get(0).toString()).isEqualTo("{\"enum\":[\"brightness\",\"model\"]}");
        assertThat(forms.get(1).at("/properties").propertyNames())
                .containsExactly("type", "name", "weight", "rank", "time_limit_s", "channel", "note", "tags", "extra");
        assertThat(forms.get(2).at("/required").toString()).isEqualTo("[\"type\",\"file\"]");
    }

    /** What defaults or a preset bring is not asked for: {@code tuning: {rank: 8}} is a whole section. */
    @Test
    void withinSectionsNothingIsRequired() {
        assertThat(schema.at("/properties/tuning/anyOf/1").has("required")).isFalse();
        assertThat(schema.at("/properties/optimiser/anyOf/1").has("required")).isFalse();
        assertThat(schema.at("/$defs/trust-region/anyOf/1").has("properties")).isTrue();
        assertThat(schema.at("/$defs/trust-region/anyOf/1").has("required")).isFalse();
    }

    @Test
    void keysOfAPartAreListedWithTypesAndDefaults() {
        assertThat(ConfigKeys.of(new TestPlugin().trustRegions().get(0)))
                .containsExactly(
                        new ConfigKeys.Key("range", "a number", "1.0e-4"),
                        new ConfigKeys.Key("unit", "one of per-element, total", "per-element"));
        assertThat(ConfigKeys.of(new TestPlugin().rewards().get(1)))
                .containsExactly(new ConfigKeys.Key("file", "a text", "required"));
    }
}
