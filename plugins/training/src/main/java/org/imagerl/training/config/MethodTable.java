package org.imagerl.training.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.UpdateRule;
import org.jspecify.annotations.Nullable;

/**
 * The parts of which algorithms are made, as the plugins offer them: what each changes, what it costs and what it goes with. Cost and company are what the parts
 * themselves say that they need, with the defaults of their settings.
 *
 * @param presets the algorithms that have a name, by it
 * @param rows the parts, by kind, then by name
 */
public record MethodTable(List<Preset> presets, List<Row> rows) {
    private static final List<Kind<?>> KINDS = List.of(
            Kind.LIKELIHOOD,
            Kind.RATIO,
            Kind.TRUST_REGION,
            Kind.STEP_WEIGHT,
            Kind.PENALTY,
            Kind.PENALTY_GRADIENT,
            Kind.ADVANTAGE,
            Kind.SELECTION,
            Kind.REWARD_COMBINATION,
            Kind.PROMPT_SAMPLER,
            Kind.ROLLOUT_BUDGET,
            Kind.OBJECTIVE,
            Kind.UPDATE_RULE);

    /** Of what has a loss of its own, or needs settings before it can say what it needs. */
    private static final String UNKNOWN = "see its page";

    /**
     * A part.
     *
     * @param kind as people call it: {@code trust region}
     * @param name in configurations
     * @param changes what it does, in one line
     * @param cost calls of the denoiser and memory beside those of rollouts and updates; {@code none} if there are none
     * @param goesWith what it asks of the rest of the configuration; {@code any} if nothing
     */
    public record Row(String kind, String name, String changes, String cost, String goesWith) {}

    /** The parts of a registry. */
    public static MethodTable of(Registry registry) {
        Context context = new Context(Path.of("."), "cpu", 1, warning -> {});
        List<Row> rows = new ArrayList<>();
        for (Kind<?> kind : KINDS) {
            registry.factories(kind).forEach((name, factory) -> {
                Object part = made(factory, context);
                rows.add(
                        part == null || part instanceof Objective
                                ? new Row(kind.label(), name, factory.description(), UNKNOWN, UNKNOWN)
                                : new Row(
                                        kind.label(),
                                        name,
                                        factory.description(),
                                        text(costs(part), "none"),
                                        text(company(part), "any")));
            });
        }
        return new MethodTable(registry.presets(), List.copyOf(rows));
    }

    private static @Nullable Object made(Factory<?, ?> factory, Context context) {
        try {
            return BoundPart.<Object>of(factory).create(context);
        } catch (UserException | NullPointerException e) {
            return null; // a setting without a default
        }
    }

    private static String text(List<String> parts, String none) {
        return parts.isEmpty() ? none : String.join("; ", parts);
    }

    private static List<String> costs(Object part) {
        List<String> costs = new ArrayList<>();
        Objective.Needs needs = needs(part);
        String calls = part instanceof Advantage
                ? "1 call per image and step before the first update"
                : part instanceof Likelihood
                        ? "1 more call per pass after the first update, and a copy of the trained weights"
                        : "1 more call per trained step";
        if (part instanceof TrustRegion region && region.survey() != null) {
            costs.add("1 call per trained step before each update");
        }
        if ((part instanceof UpdateRule rule && rule.compares())
                || (part instanceof PenaltyGradient joined && joined.apart())) {
            costs.add("every pass of an update twice, forward and backward");
        }
        if (needs.weights().contains(WeightSet.TRIAL)) {
            costs.add(calls + "; every pass of an update twice, forward and backward");
        }
        if (needs.weights().contains(WeightSet.REFERENCE) || needs.weights().contains(WeightSet.BEHAVIOUR)) {
            costs.add(calls);
        }
        if (needs.weights().contains(WeightSet.EMA)) {
            costs.add(calls + ", and a copy of the trained weights");
        }
        if (needs.noise()) {
            costs.add("the noise of each step is kept (one more latent)");
        }
        return costs;
    }

    private static List<String> company(Object part) {
        List<String> company = new ArrayList<>();
        if (transitions(part)) {
            company.add((part instanceof Likelihood ? "" : "likelihood transition, ") + "dynamics with noise");
        }
        if ((part instanceof Ratio ratio && ratio.updates() == 1)
                || (part instanceof UpdateRule rule && rule.updates() == 1)) {
            company.add("one update per epoch");
        }
        if (part instanceof TrustRegion region && region.unit() == TrainingUnit.GROUP) {
            company.add("all images of a prompt in one micro-batch");
        }
        if (part instanceof Advantage advantage && advantage.minimumGroup() > 1) {
            company.add("at least " + advantage.minimumGroup() + " images of a prompt");
        }
        if (part instanceof PenaltyGradient joined && joined.apart()) {
            company.add("a penalty");
        }
        if (part instanceof RewardCombination combination && !combination.usesAdvantage()) {
            company.add("takes the place of the advantage");
        }
        return company;
    }

    private static boolean transitions(Object part) {
        return (part instanceof Likelihood likelihood && likelihood.needsDensity())
                || (part instanceof Ratio ratio && ratio.needsTransition())
                || (part instanceof TrustRegion region && region.needsTransition())
                || (part instanceof StepWeight weight && weight.needsTransition())
                || (part instanceof Penalty penalty && penalty.needsTransition())
                || (part instanceof Advantage advantage && advantage.needs().density());
    }

    /** What a part needs by itself. */
    private static Objective.Needs needs(Object part) {
        if (part instanceof Advantage advantage) {
            return advantage.needs();
        }
        if (part instanceof Penalty penalty) {
            return new Objective.Needs(false, penalty.needsNoise(), penalty.weights());
        }
        if (part instanceof Likelihood likelihood) {
            return new Objective.Needs(false, false, likelihood.weights());
        }
        if (part instanceof Ratio ratio) {
            return new Objective.Needs(false, ratio.needsTransition(), Set.of());
        }
        if (part instanceof TrustRegion region) {
            TrustRegion.Survey survey = region.survey();
            WeightSet compared = survey == null ? null : survey.compared();
            return new Objective.Needs(false, region.needsNoise(), compared == null ? Set.of() : Set.of(compared));
        }
        return Objective.Needs.NONE;
    }

    /** A Markdown table of the presets and one per kind, under a heading of the third level each. */
    public String markdown() {
        String algorithms = presets.stream()
                .map(preset -> "| `" + preset.name() + "` | " + escaped(preset.description()) + " | "
                        + preset.citation() + " |\n")
                .collect(Collectors.joining(
                        "", "### algorithm\n\n| name | what it is | paper |\n|---|---|---|\n", "\n"));
        return algorithms
                + rows.stream().map(Row::kind).distinct().map(this::section).collect(Collectors.joining("\n"));
    }

    private static String escaped(String cell) {
        return cell.replace("|", "\\|");
    }

    private String section(String kind) {
        return rows.stream()
                .filter(row -> row.kind.equals(kind))
                .map(row -> "| `" + row.name + "` | " + escaped(row.changes) + " | " + row.cost + " | " + row.goesWith
                        + " |\n")
                .collect(Collectors.joining(
                        "",
                        "### " + kind + "\n\n| name | what it changes | cost | goes with |\n|---|---|---|---|\n",
                        ""));
    }
}
