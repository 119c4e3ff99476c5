package org.imagerl.tests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.io.Folders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which module may import which: the map in CONTRIBUTING.md. When the map must change, change both and say why. */
class ArchitectureTest {
    private static final String ROOT = "org.imagerl.";

    /** Of each module the modules that it may see; itself not named. */
    private static final Map<String, List<String>> MAY_SEE = Map.ofEntries(
            Map.entry("spi", List.of()),
            Map.entry("images", List.of("spi")),
            Map.entry("hub", List.of("spi", "images")),
            Map.entry("toolkit", List.of("spi")),
            Map.entry("testkit", List.of("spi")),
            Map.entry("config", List.of("spi")),
            Map.entry("scoring", List.of("spi", "images", "config")),
            Map.entry("training", List.of("spi", "images", "toolkit", "config", "scoring")),
            Map.entry("ui", List.of("spi", "images", "scoring", "training")),
            Map.entry("rewards", List.of("spi", "images", "hub")),
            Map.entry("latent", List.of("spi", "images", "hub", "toolkit")),
            Map.entry("diffusion", List.of("spi", "hub", "toolkit", "latent")),
            Map.entry("flow", List.of("spi", "hub", "toolkit", "latent")),
            Map.entry("ctrl", List.of("spi", "images", "hub", "toolkit")),
            Map.entry("spark", List.of("spi", "images", "toolkit", "config", "scoring", "training")),
            Map.entry(
                    "bench",
                    List.of(
                            "spi",
                            "images",
                            "hub",
                            "toolkit",
                            "config",
                            "latent",
                            "training",
                            "diffusion",
                            "flow",
                            "rewards")),
            Map.entry("cli", List.of("spi", "images", "toolkit", "config", "scoring", "training", "ui", "bench")));

    /** Libraries that belong to some modules alone. */
    private static final Map<String, List<String>> AT_HOME = Map.ofEntries(
            Map.entry("ai.djl.huggingface..", List.of("hub")),
            Map.entry("ai.djl.pytorch..", List.of("toolkit", "latent", "flow", "bench")),
            Map.entry("ai.onnx.proto..", List.of("rewards", "latent", "bench")),
            Map.entry("ai.onnxruntime..", List.of("rewards", "bench")),
            Map.entry("ch.qos.logback..", List.of()),
            Map.entry("com.google.protobuf..", List.of("rewards", "latent", "training")),
            Map.entry("dev.failsafe..", List.of("rewards")),
            Map.entry("org.apache.commons.numbers..", List.of("toolkit")),
            Map.entry(
                    "org.apache.commons.statistics..",
                    List.of("scoring", "diffusion", "training")), // training: p-values of studies
            Map.entry("org.apache.commons.text..", List.of("spi", "rewards")),
            Map.entry("org.apache.hadoop..", List.of("spark")),
            Map.entry("org.apache.parquet..", List.of("spark")),
            Map.entry("org.apache.spark..", List.of("spark")),
            Map.entry("org.eclipse.jetty..", List.of("scoring", "ui")),
            Map.entry("org.knowm.xchart..", List.of("training")),
            Map.entry("org.locationtech.jts..", List.of("rewards")),
            Map.entry("scala..", List.of("spark")),
            Map.entry("picocli..", List.of("cli")),
            Map.entry("tools.jackson.dataformat.yaml..", List.of("config")));

    private static JavaClasses all;

    @BeforeAll
    static void readClasses() {
        all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("org.imagerl");
    }

    @Test
    void everyModuleOfTheMapIsLookedAt() {
        assertThat(all.stream().map(ArchitectureTest::module)).containsAll(MAY_SEE.keySet());
    }

    /** What is permitted and not used would let a dependency in that nobody decided on. */
    @Test
    void everyPermissionIsUsed() {
        Map<String, Set<String>> used = all.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .collect(groupingBy(
                        dependency -> module(dependency.getOriginClass()),
                        mapping(
                                dependency -> dependency
                                        .getTargetClass()
                                        .getBaseComponentType()
                                        .getPackageName(),
                                toSet())));
        MAY_SEE.forEach((module, seen) -> seen.forEach(other ->
                assertThat(used.get(module)).as(module + " sees " + other).anyMatch(name -> isIn(name, ROOT + other))));
        AT_HOME.forEach((library, modules) -> modules.forEach(module -> assertThat(used.get(module))
                .as(module + " uses " + library)
                .anyMatch(name -> isIn(name, library.replace("..", "")))));
    }

    private static boolean isIn(String name, String around) {
        return name.equals(around) || name.startsWith(around + ".");
    }

    /** The name behind {@code org.imagerl}, also of what stands directly in the module's own package. */
    private static String module(JavaClass type) {
        String name = type.getBaseComponentType().getPackageName();
        return isIn(name, "org.imagerl")
                ? name.substring(name.indexOf('.', 4) + 1).split("\\.")[0]
                : "";
    }

    @TestFactory
    Stream<DynamicTest> aModuleSeesOnlyTheModulesBeneathIt() {
        return MAY_SEE.entrySet().stream()
                .map(module -> dynamicTest(module.getKey(), () -> {
                    String[] seen = Stream.concat(Stream.of(module.getKey()), module.getValue().stream())
                            .map(ArchitectureTest::in)
                            .toArray(String[]::new);
                    DescribedPredicate<JavaClass> ours = resideInAnyPackage("org.imagerl..");
                    noClasses()
                            .that()
                            .resideInAPackage(in(module.getKey()))
                            .should()
                            .dependOnClassesThat(ours.and(not(resideInAnyPackage(seen))))
                            .check(all);
                }));
    }

    @TestFactory
    Stream<DynamicTest> aLibraryStaysInItsModule() {
        return AT_HOME.entrySet().stream()
                .map(library -> dynamicTest(
                        library.getKey(),
                        () -> noClasses()
                                .that()
                                .resideInAPackage("org.imagerl..")
                                .and()
                                .resideOutsideOfPackages(library.getValue().stream()
                                        .map(ArchitectureTest::in)
                                        .toArray(String[]::new))
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage(library.getKey())
                                .check(all)));
    }

    /** Of these modules others see nothing: they are found as plugins. Benchmarks measure their insides; what is named here is for authors. */
    @TestFactory
    Stream<DynamicTest> aMethodIsFoundAsAPlugin() {
        return Map.of("flow", "", "rewards", "", "ctrl", "org.imagerl.ctrl.control.ControlAugmentation")
                .entrySet()
                .stream()
                .map(module -> dynamicTest(
                        module.getKey(),
                        () -> noClasses()
                                .that()
                                .resideInAPackage("org.imagerl..")
                                .and()
                                .resideOutsideOfPackages(in(module.getKey()), in("bench"))
                                .should()
                                .dependOnClassesThat(
                                        resideInAPackage(in(module.getKey())).and(not(name(module.getValue()))))
                                .check(all)));
    }

    /** The tokenizers that rewards need are behind the hub, so that of DJL they see nothing at all. */
    @Test
    void rewardsNeverSeeTensors() {
        noClasses()
                .that()
                .resideInAPackage(in("rewards"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(all);
        noClasses()
                .that()
                .resideInAPackage(in("hub"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl.ndarray..")
                .check(all);
    }

    /** The distribution for scoring loads the commands without the modules of training; one class asks whether they are there. */
    @Test
    void commandsOfScoringNeedNoTraining() {
        String[] training = {in("training"), in("ui"), in("toolkit"), in("cli.train"), in("cli.checkpoint")};
        noClasses()
                .that()
                .resideInAnyPackage(in("cli.console"), in("cli.score"), in("cli.plugin"))
                .or(resideInAPackage(ROOT + "cli").and(not(simpleName("TrainingModules"))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(training)
                .check(all);
    }

    @TestFactory
    Stream<DynamicTest> noPackagesOfAModuleDependOnEachOtherInACircle() {
        return MAY_SEE.keySet().stream()
                .map(module -> dynamicTest(
                        module,
                        () -> slices().assignedFrom(packagesOf(module))
                                .should()
                                .beFreeOfCycles()
                                .check(all)));
    }

    /** The packages of a module, its own one among them. The entry of a plugin names the contracts of all packages, and no contract names it. */
    private static SliceAssignment packagesOf(String module) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return isIn(type.getPackageName(), ROOT + module) && !type.isEquivalentTo(Plugin.class)
                        ? SliceIdentifier.of(type.getPackageName())
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages of " + module;
            }
        };
    }

    /** The calls of the JDK open whatever has the name, and wait for ever where it is a pipe. */
    @Test
    void foldersAreListedWithoutWaitingForAPipe() {
        Stream.of("list", "newDirectoryStream")
                .forEach(name -> noClasses()
                        .that()
                        .doNotHaveFullyQualifiedName(Folders.class.getName())
                        .should()
                        .callMethodWhere(target(owner(type(Files.class))).and(target(name(name))))
                        .because("spi.io.Folders.entries looks first")
                        .check(all));
    }

    /** Records, enums, annotations and exceptions are final values; all behaviour of the contracts is in interfaces. */
    @Test
    void contractsAreInterfacesAndValues() {
        classes()
                .that()
                .resideInAPackage(ROOT + "spi")
                .and()
                .arePublic()
                .should()
                .beInterfaces()
                .orShould()
                .beRecords()
                .orShould()
                .beEnums()
                .orShould()
                .beAssignableTo(RuntimeException.class)
                .check(all);
    }

    private static String in(String module) {
        return ROOT + module + "..";
    }
}
