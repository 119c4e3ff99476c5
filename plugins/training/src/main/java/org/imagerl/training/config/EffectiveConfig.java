package org.imagerl.training.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.config.Node;
import org.imagerl.config.Origin;
import org.imagerl.config.RecordNodes;
import org.imagerl.config.Words;
import org.imagerl.config.YamlWriter;

/** A configuration as it takes effect, and where each of its values is from. */
public final class EffectiveConfig {
    private final RunConfig config;
    private final Origin root;
    private final Map<String, Origin> origins = new HashMap<>();

    EffectiveConfig(RunConfig config, Node.Section tree) {
        this.config = config;
        this.root = tree.origin();
        collect(tree, "");
    }

    /** The configuration. */
    public RunConfig config() {
        return config;
    }

    /** All keys with their values: loading this gives an equal configuration, wherever the file lies. */
    public String yaml() {
        return yaml(config);
    }

    /** The same of a configuration in which all is found that was left open. */
    public static String yaml(RunConfig config) {
        return YamlWriter.write(RecordNodes.section(config, Origin.DEFAULT), path -> "");
    }

    /** All keys with their values, and behind each where it is from. */
    public String show() {
        return YamlWriter.write(RecordNodes.section(config, Origin.DEFAULT), path -> "  # " + origin(path));
    }

    /** Where the value of a key is from: {@code rollout.dynamics.eta}, {@code rewards[0].weight}. */
    public Origin origin(String path) {
        return origins.getOrDefault(path, Origin.DEFAULT);
    }

    /** Where to put a message about a key: where it is, or the nearest section around it that someone wrote. */
    Origin place(String path) {
        for (String at = path; !at.isEmpty(); at = at.substring(0, Math.max(0, at.lastIndexOf('.')))) {
            Origin origin = origin(at);
            if (!origin.equals(Origin.DEFAULT)) {
                return origin;
            }
        }
        return root;
    }

    private void collect(Node node, String path) {
        origins.put(path, node.origin());
        if (node instanceof Node.Section section) {
            section.entries().forEach((key, value) -> collect(value, Words.path(path, key)));
        } else if (node instanceof Node.Items list) {
            List<Node> items = list.items();
            for (int i = 0; i < items.size(); i++) {
                collect(items.get(i), path + "[" + i + "]");
            }
        }
    }
}
