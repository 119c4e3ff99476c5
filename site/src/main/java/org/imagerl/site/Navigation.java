package org.imagerl.site;

import java.util.ArrayList;
import java.util.List;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.Text;

/**
 * The list of pages at the side of each page: the headings of docs/README.md, and the first link of each item under them.
 *
 * @param groups in the order of that page
 */
record Navigation(List<Group> groups) {

    /** Pages under a heading. */
    record Group(String title, List<Entry> entries) {}

    /**
     * A page.
     *
     * @param file from the project's folder
     */
    record Entry(String title, String file) {}

    static Navigation of(Document list) {
        List<Group> groups = new ArrayList<>();
        list.tree().accept(new AbstractVisitor() {
            @Override
            public void visit(Heading node) {
                if (node.getLevel() == 2) {
                    groups.add(new Group(text(node), new ArrayList<>()));
                }
            }

            @Override
            public void visit(ListItem node) {
                node.accept(new AbstractVisitor() {
                    private boolean found;

                    @Override
                    public void visit(Link link) {
                        String file = Links.file(list.file(), link.getDestination());
                        if (!found && Links.isPage(file) && !groups.isEmpty()) {
                            groups.get(groups.size() - 1).entries().add(new Entry(text(link), file));
                        }
                        found = true;
                    }
                });
            }
        });
        return new Navigation(List.copyOf(groups));
    }

    private static String text(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text part) {
                text.append(part.getLiteral());
            }
        });
        return text.toString();
    }
}
