package org.imagerl.cli.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.imagerl.spi.io.AtomicFile;

/** A zip file of texts without secrets and of files as they are. */
final class Bundle {
    private final Secrets secrets;
    private final Map<String, String> texts = new TreeMap<>();
    private final Map<String, Path> files = new TreeMap<>();

    Bundle(Secrets secrets) {
        this.secrets = secrets;
    }

    /** Adds a text, which is masked when the file is written. */
    void text(String name, String text) {
        texts.put(name, text);
    }

    /** Adds a file as it is. */
    void file(String name, Path file) {
        files.put(name, file);
    }

    /** Its contents, a line each; sizes are those after masking once the file is written. */
    String contents() {
        StringBuilder lines = new StringBuilder();
        texts.forEach((name, text) -> lines.append("  ")
                .append(name)
                .append(", ")
                .append(text.getBytes(StandardCharsets.UTF_8).length)
                .append(" bytes\n"));
        files.keySet().forEach(name -> lines.append("  ").append(name).append(", as it is\n"));
        return lines.toString();
    }

    /** Writes the file, whole or not at all. */
    void write(Path target, String madeBy) {
        Secrets all = secrets.named(texts.values());
        texts.replaceAll((name, text) -> all.masked(text));
        texts.put(
                "about.txt",
                all.masked(madeBy + "\nWhat looks like a secret is written as " + Secrets.MASK + ".\n" + contents()));
        AtomicFile.writeStream(target, out -> {
            ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
            for (Map.Entry<String, String> text : texts.entrySet()) {
                zip.putNextEntry(new ZipEntry(text.getKey()));
                zip.write(text.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
            for (Map.Entry<String, Path> file : files.entrySet()) {
                add(zip, file.getKey(), file.getValue());
            }
            zip.finish();
        });
    }

    private static void add(ZipOutputStream zip, String name, Path file) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        Files.copy(file, zip);
        zip.closeEntry();
    }
}
