package org.imagerl.rewards.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.rewards.onnx.OnnxSession;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.UserException;

/**
 * What is known of a model folder while it is resolved.
 *
 * @param config what preset, manifest and user say together
 * @param place where a person writes that, for messages
 * @param opened grows by what must be closed in the end
 * @param files grows by what was read
 * @param facts grows by every choice and where it is from, for people
 */
record Resolution(
        Path folder,
        OnnxConfig config,
        OnnxDevice device,
        SettingsPlace place,
        List<AutoCloseable> opened,
        List<Path> files,
        Map<String, String> facts) {

    /** Begins with nothing resolved. */
    Resolution(Path folder, OnnxConfig config, OnnxDevice device, SettingsPlace place) {
        this(folder, config, device, place, new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>());
    }

    /** The same folder with other settings. */
    Resolution with(OnnxConfig other) {
        return new Resolution(folder, other, device, place, opened, files, facts);
    }

    /** Loads a model. */
    OnnxSession open(String what, Path file) {
        OnnxSession session = OnnxSession.load(file, device, 1);
        opened.add(session);
        facts.put(what, file.toString());
        facts.put(what + " outputs", TensorSpec.list(session.outputs()));
        return session;
    }

    /** An error about this folder. */
    UserException failure(String message) {
        return UserException.input(folder + ": " + message);
    }
}
