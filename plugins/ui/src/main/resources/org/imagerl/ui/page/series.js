// Numbers before they are drawn.

/**
 * An exponential moving average, corrected for its beginning as Adam's moments are, so that the first point is the first value.
 * Where there is no value there is none of the average.
 */
export function smoothed(values, weight) {
  if (weight <= 0) {
    return values;
  }
  let sum = 0;
  let scale = 0;
  return values.map((value) => {
    if (value === null) {
      return null;
    }
    sum = weight * sum + (1 - weight) * value;
    scale = weight * scale + (1 - weight);
    return sum / scale;
  });
}

/** The column of a metric by x: epochs, or hours of training. Rows without the metric are left out. */
export function points(numbers, metric, axis) {
  const column = numbers.columns[metric] || [];
  const hours = axis === "hours" ? elapsed(numbers) : null;
  const xs = [];
  const ys = [];
  column.forEach((y, i) => {
    if (y !== null) {
      xs.push(hours ? hours[i] : numbers.step[i]);
      ys.push(y);
    }
  });
  return [xs, ys];
}

/** Hours of training up to each row: evaluations and sample grids lie outside. */
function elapsed(numbers) {
  const seconds = numbers.columns.seconds_epoch || [];
  let sum = 0;
  return numbers.step.map((step, i) => {
    sum += seconds[i] || 0;
    return sum / 3600;
  });
}

/** Lines of several runs on one axis: [xs, ys of the first, ys of the second, ...], null where a line has no point. */
export function joined(lines) {
  const all = new Set();
  lines.forEach(([xs]) => xs.forEach((x) => all.add(x)));
  const axis = Array.from(all).sort((a, b) => a - b);
  const place = new Map(axis.map((x, i) => [x, i]));
  return [axis, ...lines.map(([xs, ys]) => {
    const column = new Array(axis.length).fill(null);
    xs.forEach((x, i) => { column[place.get(x)] = ys[i]; });
    return column;
  })];
}

const REWARD = /^(evaluation_|reward_)/;
const COST = /^(seconds_|denoiser_evaluations|memory|samples_trained|bytes_)/;

/** Metrics in the order in which a person wants them, by group. */
export function grouped(names) {
  const groups = {Rewards: [], Training: [], Costs: []};
  for (const name of names) {
    if (REWARD.test(name) && !/_(failed|images)$/.test(name)) {
      groups.Rewards.push(name);
    } else {
      (COST.test(name) || REWARD.test(name) ? groups.Costs : groups.Training).push(name);
    }
  }
  const first = ["evaluation_reward_mean", "reward_mean", "reward_std", "evaluation_reward_std"];
  const rank = (name) => (first.indexOf(name) + first.length + 1) % (first.length + 1);
  groups.Rewards.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  groups.Training.sort();
  groups.Costs.sort();
  return groups;
}
