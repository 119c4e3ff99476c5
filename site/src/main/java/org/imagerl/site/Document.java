package org.imagerl.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomNode;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A page of Markdown, read.
 *
 * @param file its path from the project's folder, with {@code /}
 * @param title the text of its first heading
 * @param sections its text by headings
 * @param links where its links and images lead, as written
 * @param tree what was parsed
 */
record Document(String file, String title, List<Section> sections, List<String> links, Node tree) {
    private static final List<Extension> EXTENSIONS =
            List.of(TablesExtension.create(), HeadingAnchorExtension.create());

    /**
     * What stands under a heading.
     *
     * @param anchor its name in an address
     */
    record Section(String title, String anchor, String text) {}

    static Document read(Path root, String file) throws IOException {
        Node tree = Parser.builder().extensions(EXTENSIONS).build().parse(Files.readString(root.resolve(file)));
        Reader reader = new Reader();
        tree.accept(reader);
        reader.end();
        String title = reader.sections.isEmpty() ? file : reader.sections.get(0).title();
        return new Document(file, title, List.copyOf(reader.sections), List.copyOf(reader.links), tree);
    }

    Set<String> anchors() {
        Set<String> anchors = new TreeSet<>();
        sections.forEach(section -> anchors.add(section.anchor()));
        return anchors;
    }

    /** The body as HTML, its links as {@code target} changes them. */
    String html(UnaryOperator<String> target) {
        return HtmlRenderer.builder()
                .extensions(EXTENSIONS)
                .attributeProviderFactory(context -> (node, tag, attributes) -> {
                    attributes.computeIfPresent("href", (key, value) -> target.apply(value));
                    attributes.computeIfPresent("src", (key, value) -> target.apply(value));
                })
                .build()
                .render(tree);
    }

    /** Gathers the texts under each heading, and all links. */
    private static final class Reader extends AbstractVisitor {
        private final List<Section> sections = new ArrayList<>();
        private final List<String> links = new ArrayList<>();
        private final IdGenerator anchors = IdGenerator.builder().build();
        private StringBuilder text = new StringBuilder();
        private String heading = "";
        private String anchor = "";

        @Override
        public void visit(Heading node) {
            end();
            text = new StringBuilder();
            visitChildren(node);
            heading = text.toString().strip();
            anchor = anchors.generateId(heading);
            text = new StringBuilder();
        }

        void end() {
            if (!heading.isEmpty()) {
                sections.add(
                        new Section(heading, anchor, text.toString().strip().replaceAll("\\s+", " ")));
            }
        }

        @Override
        public void visit(Link node) {
            links.add(node.getDestination());
            visitChildren(node);
        }

        @Override
        public void visit(Image node) {
            links.add(node.getDestination());
        }

        @Override
        public void visit(Text node) {
            text.append(node.getLiteral());
        }

        @Override
        public void visit(Code node) {
            text.append(node.getLiteral());
        }

        @Override
        public void visit(FencedCodeBlock node) {
            text.append(' ').append(node.getLiteral()).append(' ');
        }

        @Override
        public void visit(IndentedCodeBlock node) {
            text.append(' ').append(node.getLiteral()).append(' ');
        }

        @Override
        public void visit(SoftLineBreak node) {
            text.append(' ');
        }

        @Override
        public void visit(HardLineBreak node) {
            text.append(' ');
        }

        @Override
        public void visit(Paragraph node) {
            visitChildren(node);
            text.append(' ');
        }

        @Override
        public void visit(CustomNode node) {
            visitChildren(node);
            if (node instanceof TableCell) {
                text.append(' ');
            }
        }
    }
}
