package org.imagerl.ctrl.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

/** Prompts that ask for classes. */
public final class ClassPrompts {
    /** More prompts than any training needs; a product of controls grows fast. */
    private static final int MAX_PROMPTS = 1 << 20;

    private ClassPrompts() {}

    /**
     * Each prompt with each class of every control that it does not ask for by itself.
     *
     * @throws UserException if that are too many, or a prompt asks for a class that is none
     */
    public static List<Prompt> each(List<Prompt> prompts, List<Control> controls) {
        List<Prompt> all = prompts;
        for (Control control : controls) {
            requireFew(all.stream()
                    .mapToLong(prompt -> control.of(prompt) == null ? control.classes() : 1)
                    .sum());
            all = all.stream().flatMap(prompt -> each(prompt, control).stream()).toList();
        }
        return all;
    }

    private static List<Prompt> each(Prompt prompt, Control control) {
        Map<String, String> known = Map.of(control.classesField(), Integer.toString(control.classes()));
        if (control.of(prompt) != null) {
            return List.of(with(prompt, "", known));
        }
        List<Prompt> each = new ArrayList<>();
        IntStream.range(0, control.classes()).forEach(klass -> {
            Map<String, String> fields = new LinkedHashMap<>(known);
            fields.put(control.name(), Integer.toString(klass));
            each.add(with(prompt, "/" + control.name() + "=" + klass, fields));
        });
        return each;
    }

    /** The classes that a prompt asks for, by the name of the control. */
    public static Map<String, String> asked(Prompt prompt, List<Control> controls) {
        Map<String, String> asked = new LinkedHashMap<>();
        for (Control control : controls) {
            Integer klass = control.of(prompt);
            if (klass != null) {
                asked.put(control.name(), klass.toString());
            }
        }
        return asked;
    }

    /** Refuses a product that is too large. */
    static void requireFew(long prompts) {
        if (prompts > MAX_PROMPTS) {
            throw UserException.input("prompts times classes times gammas are " + prompts + ", more than " + MAX_PROMPTS
                    + "; give fewer prompts, or write the classes into the prompt file");
        }
    }

    /** A prompt with more fields and an addition to its id. */
    public static Prompt with(Prompt prompt, String more, Map<String, String> fields) {
        Map<String, String> all = new LinkedHashMap<>(prompt.metadata());
        all.putAll(fields);
        return new Prompt(prompt.id() + more, prompt.text(), all);
    }
}
