package org.imagerl.cli.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The JNI libraries of DJL on the class path: for one version of PyTorch, and a few of its flavours. */
final class TorchJni {
    /** Where this program has none: the version of the distribution for training. */
    private static final String USUAL = "2.7.1";

    private TorchJni() {}

    /** The version of PyTorch that they were compiled for, such as {@code 2.7.1}. */
    static String wantedVersion() {
        try (InputStream in = TorchJni.class.getResourceAsStream("/jnilib/pytorch.properties")) {
            if (in == null) {
                return USUAL;
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("jni_version", USUAL + "-").split("-")[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is one. */
    static boolean exists(String classifier, String flavour) {
        return TorchJni.class.getResource("/jnilib/" + classifier + "/" + flavour + "/libdjl_torch.so") != null;
    }
}
