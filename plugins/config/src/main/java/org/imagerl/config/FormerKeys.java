package org.imagerl.config;

import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.imagerl.spi.FormerName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads keys and values that were renamed, {@link FormerName}, under their present names, with a warning. */
final class FormerKeys {
    private static final Logger LOG = LoggerFactory.getLogger("imagerl");

    private FormerKeys() {}

    /**
     * The section with the present key in the place of each former one. Of a former and a present key the one of the upper layer is taken; both
     * in one file are a problem.
     */
    static Node.Section renamed(Class<?> type, Node.Section section, String path, Problems problems) {
        Node.Section renamed = section;
        for (RecordComponent component : type.getRecordComponents()) {
            for (FormerName former : component.getAnnotationsByType(FormerName.class)) {
                Node given = section.entries().get(former.value());
                if (given != null) {
                    renamed = renamed(renamed, former, Words.snake(component.getName()), given, path, problems);
                }
            }
        }
        return renamed;
    }

    /** The constant of an enum that had this name before, or null. */
    static @Nullable Object constant(Class<?> type, Node.Scalar given, String path) {
        for (Field field : type.getFields()) {
            FormerName former = field.getAnnotation(FormerName.class);
            if (former != null && former.value().equals(given.text())) {
                String present = Words.kebab(field.getName());
                LOG.warn(
                        "{}: {}: {} is called {} now; the former name will not be read by the next version",
                        given.origin(),
                        path,
                        former.value(),
                        present);
                return Scalars.constants(type).get(present);
            }
        }
        return null;
    }

    private static Node.Section renamed(
            Node.Section section, FormerName name, String key, Node value, String path, Problems problems) {
        String former = name.value();
        boolean moved = !name.within().isEmpty();
        String now = moved ? key + "." + name.within() : key;
        Node given = moved ? new Node.Section(Map.of(name.within(), value), value.origin()) : value;
        Map<String, Node> entries = new LinkedHashMap<>(section.entries());
        entries.remove(former);
        Node present = entries.get(key);
        Node rival = moved && present instanceof Node.Section within
                ? within.entries().get(name.within())
                : present;
        if (rival != null && rival.origin().layer() == given.origin().layer()) {
            problems.add(
                    given.origin(), Words.path(path, former), "is the former name of " + now + ", which is given too");
        } else if (rival == null || rival.origin().layer() < given.origin().layer()) {
            LOG.warn(
                    "{}: {} is called {} now; the former name will not be read by the next version",
                    given.origin(),
                    Words.path(path, former),
                    now);
            entries.put(key, Node.overlay(present, given));
        }
        return new Node.Section(entries, section.origin());
    }
}
