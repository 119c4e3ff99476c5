package org.imagerl.cli.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.lora.LoraScale;

/**
 * A LoRA on the command line: {@code FILE} or {@code FILE:SCALE}; a run stands for what it trained.
 *
 * @param path a file, PEFT folder or checkpoint of a run
 * @param scale what its change of the weights is multiplied by
 */
record LoraArgument(Path path, double scale) {
    private static final Pattern SCALED = Pattern.compile("(.+):(-?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?)");

    /**
     * Reads an argument.
     *
     * @throws UserException if there is no such file, its scale is out of range, or it is a folder whose LoRA goes with embeddings of controls
     */
    static LoraArgument parse(String text) {
        Matcher scaled = SCALED.matcher(text);
        boolean split = !Files.exists(Path.of(text)) && scaled.matches();
        Path lora = RunLora.find(Path.of(split ? scaled.group(1) : text));
        if (RunLora.needsControls(lora)) {
            throw UserException.input(
                    "--lora " + text + ": was trained with controls, and its LoRA is half of it; name it by"
                            + " --control-adapter, or name the .safetensors file of the LoRA alone");
        }
        double scale = split ? Double.parseDouble(scaled.group(2)) : 1;
        return new LoraArgument(lora, LoraScale.checked("--lora " + text, scale));
    }

    @Override
    public String toString() {
        return path + ":" + scale;
    }
}
