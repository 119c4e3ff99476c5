package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every public method that takes or returns a tensor says its shape and dtype in the Javadoc, as the house style asks. */
class ShapesTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root", "../.."));

    /** {@code [B, c, h, w]} or {@code [fan out, fan in]}, or words that say that any shape will do, or that of another tensor. */
    private static final Pattern SHAPE =
            Pattern.compile("\\[[^\\]]*\\]|\\bany shape\\b|\\bsame shape\\b|\\bshape of\\b|\\bscalar\\b");

    @Test
    void everyPublicMethodWithTensorsSaysTheirShape() throws IOException {
        List<String> without = new ArrayList<>();
        int seen = visit(sources(ROOT), without);

        assertThat(seen).as("methods with tensors that were looked at").isGreaterThan(80);
        assertThat(without).as("methods without a shape in their Javadoc").isEmpty();
    }

    @Test
    void aMethodWithoutAShapeIsFound(@TempDir Path folder) throws IOException {
        Path source = Files.createDirectories(folder.resolve("src/main/java")).resolve("A.java");
        Files.writeString(source, """
                public interface A {
                    /** {@code [B, c, h, w]}. */
                    NDArray with(NDArray x);

                    /**
                     * Of any
                     * shape.
                     */
                    NDArray brokenLine(NDArray x);

                    /** Nothing about it. */
                    NDArray without(NDArray x);
                }
                """);
        List<String> without = new ArrayList<>();

        assertThat(visit(sources(folder), without)).isEqualTo(3);
        assertThat(without).containsExactly("A.java: A.without(NDArray)");
    }

    private static int visit(List<Path> sources, List<String> without) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null,
                    manager,
                    problem -> {},
                    List.of("-proc:none"),
                    null,
                    manager.getJavaFileObjectsFromPaths(sources));
            Methods methods = new Methods(DocTrees.instance(task), without);
            for (CompilationUnitTree unit : task.parse()) {
                methods.scan(unit, null);
            }
            return methods.seen;
        }
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }

    /** Looks at the public methods of public types, those of interfaces included; what overrides has the Javadoc of what it overrides. */
    private static final class Methods extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final List<String> without;
        private int seen;

        Methods(DocTrees docs, List<String> without) {
            this.docs = docs;
            this.without = without;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            boolean constructor = method.getReturnType() == null; // its parameters are described with the type
            if (!constructor && isPublic() && !overrides(method) && hasTensor(method)) {
                seen++;
                DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
                if (comment == null
                        || !SHAPE.matcher(comment.toString().replaceAll("\\s+", " "))
                                .find()) {
                    without.add(name(method));
                }
            }
            return super.visitMethod(method, null);
        }

        private boolean isPublic() {
            boolean open = true;
            boolean inInterface = false;
            TreePath path = getCurrentPath();
            for (TreePath at = path; at != null; at = at.getParentPath()) {
                if (at.getLeaf() instanceof ClassTree type) {
                    boolean isInterface = type.getKind() == Tree.Kind.INTERFACE;
                    open &= inInterface || type.getModifiers().getFlags().contains(Modifier.PUBLIC);
                    inInterface = isInterface;
                } else if (at.getLeaf() instanceof MethodTree method) {
                    TreePath around = at.getParentPath();
                    boolean declared = around.getLeaf() instanceof ClassTree type
                            && type.getKind() == Tree.Kind.INTERFACE
                            && !method.getModifiers().getFlags().contains(Modifier.PRIVATE);
                    open &= declared || method.getModifiers().getFlags().contains(Modifier.PUBLIC);
                }
            }
            return open;
        }

        private static boolean overrides(MethodTree method) {
            return method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
        }

        private static boolean hasTensor(MethodTree method) {
            return isTensor(String.valueOf(method.getReturnType()))
                    || method.getParameters().stream()
                            .anyMatch(each -> isTensor(each.getType().toString()));
        }

        private static boolean isTensor(String type) {
            return Set.of("NDArray", "NDList")
                            .contains(type.replaceAll("^@Nullable ", "").replaceAll("\\.\\.\\.|\\[\\]", ""))
                    || type.contains("NDArray>");
        }

        private String name(MethodTree method) {
            ClassTree around = (ClassTree) getCurrentPath().getParentPath().getLeaf();
            String unit = getCurrentPath().getCompilationUnit().getSourceFile().getName();
            return Path.of(unit).getFileName() + ": " + around.getSimpleName() + "." + method.getName() + "("
                    + String.join(
                            ", ",
                            method.getParameters().stream()
                                    .map(p -> p.getType().toString())
                                    .toList()) + ")";
        }
    }
}
