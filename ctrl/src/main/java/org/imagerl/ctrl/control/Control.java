package org.imagerl.ctrl.control;

import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.jspecify.annotations.Nullable;

/**
 * A property of images, divided into classes, on which a checkpoint is conditioned beside the prompt. A prompt names the class, a number,
 * in a field with the name of the control.
 *
 * @param name lower-case letters, digits and underscores, a letter first
 * @param classes how many, 2 to 1000; they are numbered from 0
 */
public record Control(String name, int classes) {
    /** The field of a prompt with the control scale gamma. */
    public static final String STRENGTH = "control_strength";

    private static final String CLASSES = "_classes";
    private static final int MAX_CLASSES = 1000;
    private static final int MAX_CONTROLS = 32;

    /** Checks name and number. */
    public Control {
        if (!name.matches("[a-z][a-z0-9_]{0,49}") || name.equals("control_strength") || name.equals("text")) {
            throw new IllegalArgumentException(
                    "name must be lower-case letters, digits and underscores, a letter first,"
                            + " and not text or control_strength; it is '" + name + "'");
        }
        if (classes < 2 || classes > MAX_CLASSES) {
            throw new IllegalArgumentException(
                    "classes must be 2 to " + MAX_CLASSES + " (one class says nothing), not " + classes);
        }
    }

    /**
     * Checks the controls of one model.
     *
     * @return the same
     * @throws IllegalArgumentException if they are none, more than {@value #MAX_CONTROLS}, or two have one name
     */
    public static List<Control> checked(List<Control> controls) {
        if (controls.isEmpty()
                || controls.size() > MAX_CONTROLS
                || controls.stream().map(Control::name).distinct().count() < controls.size()) {
            throw new IllegalArgumentException("controls must be 1 to " + MAX_CONTROLS + ", with different names");
        }
        return List.copyOf(controls);
    }

    /**
     * The control with a name.
     *
     * @throws UserException if there is none
     */
    public static Control named(String name, List<Control> controls) {
        List<String> names = controls.stream().map(Control::name).toList();
        return controls.stream()
                .filter(control -> control.name().equals(name))
                .findFirst()
                .orElseThrow(() -> UserException.input("there is no control named " + name + Nearest.hint(name, names)
                        + " (known: " + String.join(", ", names) + ")"));
    }

    /**
     * Makes sure that every control that a prompt names has a classifier or reward: the model could not learn the others.
     *
     * @param judged controls that are judged
     * @param by what judges, for the message
     */
    public static void requireJudged(Prompt prompt, List<Control> judged, String by) {
        List<String> names = judged.stream().map(Control::name).toList();
        for (String field : prompt.metadata().keySet()) {
            String name = field.endsWith(CLASSES) ? field.substring(0, field.length() - CLASSES.length()) : "";
            if (prompt.metadata().containsKey(name) && !names.contains(name)) {
                throw UserException.input("prompt " + prompt.id() + ": names a class of the control " + name + ", but "
                        + by + " know only " + String.join(", ", names)
                        + ", so that nothing would teach it; add what judges "
                        + name + ", or remove it from augmentation.controls");
            }
        }
    }

    /** The field of a prompt with the number of classes where the prompt was made. */
    String classesField() {
        return name + CLASSES;
    }

    /**
     * The class that a prompt names; null if it names none.
     *
     * @throws UserException if there is no such class
     */
    public @Nullable Integer of(Prompt prompt) {
        String text = prompt.metadata().get(name);
        String known = prompt.metadata().get(classesField());
        if (known != null && !known.equals(Integer.toString(classes))) {
            throw UserException.input("prompt " + prompt.id() + ": the control " + name + " has " + known
                    + " classes where the prompt is from, but " + classes
                    + " here: classifier and adapter must be of the same classes");
        }
        return text == null ? null : number(text, "prompt " + prompt.id());
    }

    /**
     * The class that a prompt names.
     *
     * @throws UserException if it asks for none, or there is no such class
     */
    public int required(Prompt prompt) {
        Integer asked = of(prompt);
        if (asked == null) {
            throw UserException.input("prompt " + prompt.id() + ": names no class of the control " + name
                    + "; give it the field " + name + " with a number from 0 to " + (classes - 1)
                    + ", or train it with every class: `augmentation: {type: control, controls: [{name: " + name
                    + ", classes: " + classes + "}]}`");
        }
        return asked;
    }

    /**
     * Reads the number of a class.
     *
     * @param where for the message
     */
    public int number(String text, String where) {
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) >= classes) {
            throw UserException.input(where + ": " + name + " must be the number of a class, 0 to " + (classes - 1)
                    + ", not '" + text + "'");
        }
        return Integer.parseInt(text);
    }
}
