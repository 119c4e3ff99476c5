# imagerl on the CPU: docker build -t imagerl . && docker run --rm -v "$PWD:/work" imagerl doctor
FROM maven:3.9.11-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN mvn -B -q -ntp package -Dmaven.test.skip=true

FROM eclipse-temurin:17-jre-noble
COPY --from=build /src/plugins/cli/target/dist /opt/imagerl
# Native libraries are unpacked once, below the home of a user who is not root.
RUN useradd --create-home --uid 10001 imagerl && ln -s /opt/imagerl/bin/imagerl /usr/local/bin/imagerl
USER 10001
WORKDIR /work
ENTRYPOINT ["imagerl"]
CMD ["--help"]
