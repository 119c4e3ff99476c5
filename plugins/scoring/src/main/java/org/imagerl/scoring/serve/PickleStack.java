package org.imagerl.scoring.serve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The values of a pickle that are not part of others yet, and those that it may name again. A value that has become part of another,
 * or was named again, does not change any more, so that none can contain itself, and its depth and size are known.
 */
final class PickleStack {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final PickleInput input;
    private final long maxSize;
    private final List<Item> items = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final List<Item> memo = new ArrayList<>();
    private long made;

    /** A value; its size is that of all its parts, each as often as it is named: what a text of it would take. */
    private static final class Item {
        private final JsonNode node;
        private long size;
        private int depth;
        private boolean closed;

        Item(JsonNode node, long size, boolean open) {
            this.node = node;
            this.size = size;
            this.depth = open ? 1 : 0;
            this.closed = !open;
        }
    }

    /** @param maxSize of all parts of a value together, each as often as it is named, in characters */
    PickleStack(PickleInput input, long maxSize) {
        this.input = input;
        this.maxSize = maxSize;
    }

    /** A value without parts; its size in characters. */
    void push(JsonNode node, long size) {
        add(new Item(node, size, false));
    }

    void pushList() {
        add(new Item(JSON.createArrayNode(), 2, true));
    }

    void pushDict() {
        add(new Item(JSON.createObjectNode(), 2, true));
    }

    private void add(Item item) {
        if (++made > ServerLimits.VALUES) {
            throw input.wrong("it has more than " + ServerLimits.VALUES + " values");
        }
        items.add(item);
    }

    void mark() {
        if (marks.size() > ServerLimits.DEPTH) {
            throw input.wrong("it has more than " + ServerLimits.DEPTH + " levels");
        }
        marks.push(items.size());
    }

    /** A tuple of the values above the last mark. */
    void tuple() {
        tuple(items.size() - lastMark());
    }

    /** A tuple of the last values. */
    void tuple(int count) {
        List<Item> parts = take(count);
        pushList();
        Item tuple = top();
        parts.forEach(part -> append(tuple, part));
        tuple.closed = true;
    }

    /** The values above the last mark, or the last one, become parts of the list before them. */
    void append(boolean several) {
        List<Item> parts = take(several ? items.size() - lastMark() : 1);
        Item list = top();
        if (list.closed || !list.node.isArray()) {
            throw input.wrong("values are added to what is no list, or was named again before it was whole");
        }
        parts.forEach(part -> append(list, part));
    }

    private void append(Item list, Item part) {
        ((ArrayNode) list.node).add(part(list, part, 1));
    }

    /** The values above the last mark, or the last two, become entries of the dict before them. */
    void entries(boolean several) {
        List<Item> parts = take(several ? items.size() - lastMark() : 2);
        Item dict = top();
        if (dict.closed || !(dict.node instanceof ObjectNode object) || parts.size() % 2 != 0) {
            throw input.wrong("entries are added to what is no dict, or was named again before it was whole");
        }
        for (int i = 0; i < parts.size(); i += 2) {
            JsonNode key = parts.get(i).node;
            if (!key.isString()) {
                throw input.wrong("a key of a dict is no str");
            }
            if (object.has(key.stringValue())) {
                throw input.wrong("a dict has the key " + Quote.of(key.stringValue()) + " twice");
            }
            object.set(key.stringValue(), part(dict, parts.get(i + 1), parts.get(i).size + 1));
        }
    }

    private JsonNode part(Item whole, Item part, long more) {
        part.closed = true;
        whole.depth = Math.max(whole.depth, part.depth + 1);
        whole.size += part.size + more;
        if (whole.depth > ServerLimits.DEPTH) {
            throw input.wrong("it has more than " + ServerLimits.DEPTH + " levels");
        }
        if (whole.size > maxSize) {
            throw input.wrong("its values, each as often as it is named, are larger than " + maxSize + " characters");
        }
        return part.node;
    }

    /** Remembers the last value. */
    void memoize(long index) {
        if (index != memo.size()) {
            throw input.wrong("its memo has gaps, or an entry twice");
        }
        if (memo.size() == ServerLimits.VALUES) {
            throw input.wrong("its memo has more than " + ServerLimits.VALUES + " entries");
        }
        memo.add(top());
    }

    /** Remembers the last value under the next number. */
    void memoize() {
        memoize(memo.size());
    }

    /** A value that was remembered; it does not change any more. */
    void recall(long index) {
        if (index < 0 || index >= memo.size()) {
            throw input.wrong("the memo has no entry " + index);
        }
        Item item = memo.get((int) index);
        item.closed = true;
        add(item);
    }

    /** The only value. */
    JsonNode end() {
        if (items.size() != 1 || !marks.isEmpty()) {
            throw input.wrong("it has " + items.size() + " values; it must have one");
        }
        return items.get(0).node;
    }

    private int lastMark() {
        @Nullable Integer mark = marks.poll();
        if (mark == null) {
            throw input.wrong("there is no mark");
        }
        return mark;
    }

    private int floor() {
        @Nullable Integer mark = marks.peek();
        return mark == null ? 0 : mark;
    }

    private Item top() {
        if (items.size() <= floor()) {
            throw input.wrong("there is no value");
        }
        return items.get(items.size() - 1);
    }

    private List<Item> take(int count) {
        int from = items.size() - count;
        if (from < floor()) {
            throw input.wrong("there are too few values");
        }
        List<Item> last = items.subList(from, items.size());
        List<Item> taken = new ArrayList<>(last);
        last.clear();
        return taken;
    }
}
