package org.imagerl.rewards.onnx;

/** How many models are loaded, for tests of other packages. */
public final class OpenModels {
    private OpenModels() {}

    public static int count() {
        return OnnxSession.loaded();
    }
}
