package org.imagerl.cli.plugin;

import ai.djl.engine.EngineException;
import ai.djl.util.Utils;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.Finding;
import org.imagerl.config.ConfigKeys;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.CacheFolder;

/** The checks of {@code doctor} on the native libraries: it computes something with each of them. */
final class NativeChecks {
    private NativeChecks() {}

    /** By reflection: the library comes with the module that has the text encoders, which this one does not see. */
    static Finding tokenizers() {
        try {
            Class.forName("ai.djl.huggingface.tokenizers.jni.LibUtils")
                    .getMethod("checkStatus")
                    .invoke(null);
            return Finding.ok("tokenizers", "the native library loads");
        } catch (ClassNotFoundException e) {
            return Finding.warning("tokenizers", "not installed", "put imagerl-diffusion and what it needs into lib/");
        } catch (InvocationTargetException | LinkageError e) {
            return Finding.broken("tokenizers", e, Finding.UNPACKED);
        } catch (ReflectiveOperationException e) {
            return Finding.warning("tokenizers", "cannot be asked: " + e, "");
        }
    }

    /** Code is loaded from these folders: nobody else may put any there. */
    static Finding caches() {
        try {
            Path own = CacheFolder.open().path();
            Path djl = CacheFolder.open(Utils.getCacheDir()).path();
            return Finding.ok("caches", own + " and " + djl + " are the user's own");
        } catch (IOException e) {
            String reason = e instanceof FileSystemException ? "cannot be written: " + e : e.getMessage();
            return Finding.warning(
                    "caches",
                    String.valueOf(reason),
                    "native libraries are kept there; name folders of your own in " + CacheFolder.VARIABLE
                            + " and DJL_CACHE_DIR, or chmod 700 these");
        }
    }

    /** By reflection, as {@link #tokenizers}. The variable keeps a library that has telemetry quiet. */
    static Finding telemetry() {
        try {
            Object sender = Class.forName("org.imagerl.rewards.onnx.OnnxNatives")
                    .getMethod("telemetry")
                    .invoke(null);
            boolean quiet = "1".equals(System.getenv("ORT_DISABLE_TELEMETRY"));
            return sender.equals("")
                    ? Finding.ok("telemetry", "none in ONNX Runtime")
                    : Finding.warning(
                            "telemetry",
                            "this ONNX Runtime has some in it (" + sender + ")" + (quiet ? ", switched off" : ""),
                            "take the version that is shipped" + (quiet ? "" : ", or export ORT_DISABLE_TELEMETRY=1"));
        } catch (ClassNotFoundException e) {
            return Finding.ok("telemetry", "ONNX Runtime is not installed");
        } catch (ReflectiveOperationException | LinkageError e) {
            return Finding.broken("telemetry", e, Finding.UNPACKED);
        }
    }

    /** Makes every reward that needs no settings, which loads its models and libraries. */
    static List<Finding> rewards(CliContext session) {
        List<Finding> findings = new ArrayList<>();
        Context context = session.context("cpu", 1);
        session.registry().factories(Kind.REWARD).forEach((name, factory) -> {
            if (ConfigKeys.of(factory).stream().noneMatch(key -> key.value().equals("required"))) {
                findings.add(reward(name, factory, context));
            }
        });
        return findings;
    }

    static Finding reward(String name, Factory<? extends Reward, ?> factory, Context context) {
        try (Reward reward = BoundPart.<Reward>of(factory).create(context)) {
            return Finding.ok("reward", name + " loads (" + reward.spec().unit() + ")");
        } catch (UserException e) {
            return Finding.warning("reward", name + ": " + e.getMessage(), "");
        } catch (RuntimeException | LinkageError e) {
            if (withoutEngine(e)) {
                return Finding.warning(
                        "reward", name + " was not tried, because it computes with PyTorch", "see engine");
            }
            Finding failure = Finding.broken("reward", e, "its jars must be in lib/ or plugins/; " + Finding.UNPACKED);
            return Finding.broken("reward", name + ": " + failure.found(), failure.remedy());
        }
    }

    /** Whether the cause is that PyTorch does not load, of which doctor tells by itself. */
    private static boolean withoutEngine(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(EngineException.class::isInstance);
    }
}
