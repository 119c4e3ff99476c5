#!/usr/bin/env bash
# Does outside the repository what the documents promise to those who use imagerl as a library: builds a copy of samples/reward-plugin with its test, and
# compiles and runs LibraryExample in a project that has nothing but the dependency of docs/java.md.
#
#   src/test/campaigns/outside.sh [MAVEN OPTION...]     -o, or -Dmaven.repo.local=DIR, into which imagerl is installed
#
# SKIP_INSTALL=1 takes what is installed already.
set -euo pipefail

root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
maven() { mvn -B -q "${options[@]}" "$@"; }
options=("$@")

if [ -z "${SKIP_INSTALL:-}" ]; then
    maven -f "$root/pom.xml" install -pl plugins/api,plugins/testkit -am -Dmaven.test.skip=true
fi

cp -r "$root/samples/reward-plugin" "$work/my-reward"
rm -rf "$work/my-reward/target"
maven -f "$work/my-reward/pom.xml" package
grep -q 'tests="[1-9]' "$work"/my-reward/target/surefire-reports/TEST-*.xml
ls "$work/my-reward/target/reward-plugin-1.0.jar" >/dev/null
echo "outside.sh: the copied plugin builds and its tests pass"

program=$work/program
mkdir -p "$program/src/main/java/org/imagerl/samples"
cp "$root/samples/src/main/java/org/imagerl/samples/LibraryExample.java" "$program/src/main/java/org/imagerl/samples"
{
    cat <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId> <artifactId>program</artifactId> <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
POM
    sed -n '/^    <dependency>/,/^    <\/dependency>/p' "$root/docs/java.md"
    printf '  </dependencies>\n</project>\n'
} >"$program/pom.xml"
maven -f "$program/pom.xml" org.apache.maven.plugins:maven-compiler-plugin:3.14.1:compile \
    org.apache.maven.plugins:maven-dependency-plugin:build-classpath "-Dmdep.outputFile=$work/classpath"
printf 'a sign that says "472"\na sign that says "013"\n' >"$work/prompts.txt"
java -cp "$program/target/classes:$(cat "$work/classpath")" org.imagerl.samples.LibraryExample \
    "$root/samples/words" "$work/prompts.txt" "$work/runs" | tee "$work/output"
grep -q 'the LoRA file is' "$work/output"
echo "outside.sh: a program with the dependency of docs/java.md compiles, samples, scores and trains"
