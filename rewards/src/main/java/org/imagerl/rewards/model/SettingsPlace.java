package org.imagerl.rewards.model;

/**
 * Where a person writes the settings of a model folder, for messages: what is said of a reward stands in its {@code reward.yaml} too, what is
 * said of features in the configuration alone.
 */
enum SettingsPlace {
    /** A reward, or the manifest of its folder. */
    REWARD(
            "reward.yaml: files.model",
            "reward.yaml: output.name, output.image_embeds, output.text_embeds",
            "reward.yaml: "),
    /** {@code features: {type: onnx}}. */
    FEATURES("features.model", "features.output", "features.");

    private final String model;
    private final String output;
    private final String before;

    SettingsPlace(String model, String output, String before) {
        this.model = model;
        this.output = output;
        this.before = before;
    }

    /** The file of the model. */
    String model() {
        return model;
    }

    /** Which output is read. */
    String output() {
        return output;
    }

    /** A key that is called the same everywhere. */
    String key(String name) {
        return before + name;
    }
}
