package org.imagerl.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.imagerl.cli.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebugBundleVerbTest {
    @TempDir
    private Path folder;

    private static Map<String, String> entries(Path zip) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return entries;
    }

    @Test
    void whatHelpsIsInItAndSecretsAndWeightsAreNot() throws IOException {
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.createDirectories(run.resolve("checkpoints/step-000000001"));
        Files.createDirectories(run.resolve("samples/step-000000000"));
        Files.writeString(run.resolve("config.yaml"), "rewards: [{type: remote, url: \"http://me:hush12@host\"}]\n");
        Files.writeString(run.resolve("log.txt"), "Authorization: Bearer abcdefgh123\n");
        Files.write(run.resolve("metrics.jsonl"), new byte[] {(byte) 0xff, 10});
        Files.write(run.resolve("checkpoints/step-000000001/w.safetensors"), new byte[3]);
        Files.writeString(run.resolve("samples/step-000000000/grid.png"), "pixels");
        Path printed = Files.writeString(folder.resolve("printed.txt"), "password=hush12\n");
        Path zip = folder.resolve("bundle.zip");
        Run made = Run.of(
                "debug-bundle", run.toString(), "--add", printed.toString(), "--images", "--out", zip.toString());
        assertThat(made.code()).as(made.err()).isZero();
        Map<String, String> entries = entries(zip);
        assertThat(entries)
                .containsOnlyKeys(
                        "about.txt",
                        "added/0-printed.txt",
                        "doctor.txt",
                        "environment.txt",
                        "run/config.yaml",
                        "run/files.txt",
                        "run/log.txt",
                        "run/metrics.jsonl.missing.txt",
                        "run/samples/step-000000000/grid.png");
        assertThat(entries.values()).noneMatch(text -> text.contains("hush12") || text.contains("abcdefgh123"));
        assertThat(entries.get("run/config.yaml")).isEqualTo("rewards: [{type: remote, url: \"http://***@host\"}]\n");
        assertThat(entries.get("run/files.txt")).contains("3 checkpoints/step-000000001/w.safetensors\n");
        assertThat(entries.get("doctor.txt")).contains("java", "memory", "plugins");
        assertThat(entries.get("environment.txt")).contains("java.version = ", "os.name = ");
        assertThat(entries.get("about.txt")).contains("run/log.txt", "grid.png, as it is");
        assertThat(made.out()).contains("run/log.txt", "written: " + zip);
        assertThat(Run.of("debug-bundle", "--out", zip.toString()).err()).contains("is not overwritten");
    }

    @Test
    void aRunIsAFolder() throws IOException {
        assertThat(bundleOf("none").err()).contains("is no folder");
        Files.createDirectories(folder.resolve("images"));
        assertThat(bundleOf("images").err()).contains("has nothing of a run", "config.yaml");
        assertThat(folder.resolve("b")).doesNotExist();
    }

    private Run bundleOf(String name) {
        Run made = Run.of(
                "debug-bundle",
                folder.resolve(name).toString(),
                "--out",
                folder.resolve("b").toString());
        assertThat(made.code()).isEqualTo(2);
        return made;
    }
}
