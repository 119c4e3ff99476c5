package org.imagerl.scoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/**
 * Pairs images and prompts by nothing but their order. The user is informed of it, because a shift by one gives wrong
 * results.
 */
final class OrderPairing {
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    private OrderPairing() {}

    /**
     * Pairs them.
     *
     * @param files in natural order
     * @throws UserException if they are not as many
     */
    static FoundImages of(Path list, List<Path> files, List<Prompt> prompts) {
        if (files.size() != prompts.size()) {
            throw UserException.input(list + ": has " + prompts.size() + " prompts for " + files.size()
                    + " images; without file_name they must be as many");
        }
        List<ImageItem> items = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            Prompt prompt = prompts.get(i);
            items.add(new ImageItem(
                    name(files.get(i)), files.get(i), ImageItem.Given.list(prompt.text(), list), prompt.metadata()));
        }
        List<String> names = files.stream().map(OrderPairing::name).toList();
        List<String> notices = new ArrayList<>();
        notices.add(files.size() + " images are paired with the prompts of " + list + " by their order: "
                + pair(names.get(0), prompts.get(0)) + " to "
                + pair(names.get(names.size() - 1), prompts.get(prompts.size() - 1)));
        unusual(names, notices);
        return new FoundImages(List.copyOf(items), facts(list, names, prompts), List.copyOf(notices));
    }

    private static Map<String, Object> facts(Path list, List<String> names, List<Prompt> prompts) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("by", "order");
        facts.put("list", String.valueOf(list.getFileName()));
        facts.put("first", List.of(names.get(0), prompts.get(0).text()));
        int last = names.size() - 1;
        facts.put("last", List.of(names.get(last), prompts.get(last).text()));
        return facts;
    }

    private static String pair(String name, Prompt prompt) {
        return Quote.of(name) + " with " + Quote.of(prompt.text()) + " (line " + prompt.id() + ")";
    }

    private static void unusual(List<String> names, List<String> notices) {
        List<String> plain = names.stream().sorted().toList();
        for (int i = 0; i < names.size(); i++) {
            if (!names.get(i).equals(plain.get(i))) {
                notices.add("numbers in names count as numbers: " + Quote.of(names.get(i)) + " is image " + (i + 1)
                        + ", which by letters would be " + Quote.of(plain.get(i)));
                break;
            }
        }
        if (mixed(names)) {
            notices.add("some numbers in the names begin with zeros and some do not (02.png, 3.png): make sure that"
                    + " the order is the one meant, or name each image by file_name in a list");
        }
    }

    /** Whether a number that stands at the same place in all names is padded with zeros in some and shorter in others. */
    private static boolean mixed(List<String> names) {
        Map<Integer, Integer> padded = new HashMap<>();
        Map<Integer, Integer> shortest = new HashMap<>();
        for (String name : names) {
            Matcher digits = DIGITS.matcher(name);
            for (int place = 0; digits.find(); place++) {
                int length = digits.group().length();
                if (length > 1 && digits.group().startsWith("0")) {
                    padded.merge(place, length, Math::max);
                }
                shortest.merge(place, length, Math::min);
            }
        }
        return padded.entrySet().stream()
                .anyMatch(entry -> shortest.getOrDefault(entry.getKey(), Integer.MAX_VALUE) < entry.getValue());
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
