package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What a release needs and no compiler asks for: licences of all libraries, and poms that a repository takes. */
class ReleaseTest {
    /** Jars that only tests have on their class path. */
    private static final Pattern OF_TESTS =
            Pattern.compile("(imagerl|junit|assertj|archunit|apiguardian|opentest4j|byte-buddy|surefire|jazzer).*");

    private static final Pattern JAR = Pattern.compile("(.+?)-\\d[^/]*\\.jar");
    private static final Pattern NOTICE_LINE = Pattern.compile("\\| [a-z0-9_.-]+:([a-z0-9_.-]+) \\| ([^|]+) \\|.*");

    @Test
    void noticeNamesTheLicenceOfEveryLibraryAndNoOthers() throws IOException {
        Set<String> named = new TreeSet<>();
        for (String line : Files.readAllLines(root().resolve("NOTICE"))) {
            Matcher entry = NOTICE_LINE.matcher(line);
            if (entry.matches()) {
                named.add(entry.group(1));
            }
        }
        assertThat(named).isEqualTo(libraries());
    }

    @Test
    void everyModuleSaysWhatItIs() throws Exception {
        for (String module : modules()) {
            Document pom = pom(module);
            assertThat(text(pom, "/project/name")).as(module).startsWith("imagerl-");
            assertThat(text(pom, "/project/description")).as(module).endsWith(".");
        }
    }

    @Test
    void theParentSaysWhatRepositoriesAskFor() throws Exception {
        Document pom = pom("");
        for (String path : List.of("licenses/license/name", "developers/developer/name", "scm/connection", "url")) {
            assertThat(text(pom, "/project/" + path)).as(path).isNotEmpty();
        }
    }

    @Test
    void everyModuleThatOthersUseHasItsVersionInTheBom() throws Exception {
        Document root = pom("");
        NodeList managed = nodes(root, "/project/dependencyManagement/dependencies/dependency/artifactId");
        Set<String> versions = new TreeSet<>();
        for (int i = 0; i < managed.getLength(); i++) {
            versions.add(managed.item(i).getTextContent());
        }
        for (String module : modules()) {
            Document pom = pom(module);
            boolean kept = text(pom, "//plugin[artifactId='maven-deploy-plugin']/configuration/skip")
                    .isEmpty();
            if (kept && !text(pom, "/project/packaging").equals("pom")) {
                assertThat(versions).contains(text(pom, "/project/artifactId"));
            }
        }
    }

    private static Set<String> libraries() {
        return List.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .stream()
                .map(entry -> JAR.matcher(entry.substring(entry.lastIndexOf(File.separatorChar) + 1)))
                .filter(Matcher::matches)
                .map(jar -> jar.group(1))
                .filter(artifact -> !OF_TESTS.matcher(artifact).matches())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> modules() throws Exception {
        NodeList modules = nodes(pom(""), "/project/modules/module");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < modules.getLength(); i++) {
            names.add(modules.item(i).getTextContent());
        }
        return names;
    }

    private static Document pom(String module) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(root().resolve(module).resolve("pom.xml").toFile());
    }

    private static NodeList nodes(Document document, String path) throws Exception {
        return (NodeList) xpath().evaluate(path, document, XPathConstants.NODESET);
    }

    private static String text(Document document, String path) throws Exception {
        return xpath().evaluate(path, document);
    }

    private static XPath xpath() {
        return XPathFactory.newInstance().newXPath();
    }

    private static Path root() {
        return Path.of(System.getProperty("project.root")).toAbsolutePath().normalize();
    }
}
