import type { Series } from '#libs/series/port.ts';
import { random } from '#test/support/random.ts';
import { HOUR_MS, type NodePlan } from './fleet-plan.ts';

const FRAME_MS = 10_000;
const POINTS_A_WRITE = 2_000;
/** A gap that a chart must show as one, hours before now. */
const GAP_HOURS = [14, 15] as const;

interface Level {
  readonly metric: string;
  readonly before: number;
  readonly after: number;
  readonly texture: boolean;
}

const HOST: readonly Level[] = [
  { metric: 'node_power_watts', before: 3_100, after: 7_900, texture: true },
  { metric: 'cpu_utilization_ratio', before: 0.22, after: 0.31, texture: true },
  { metric: 'network_transmit_bytes_per_second', before: 4.2e7, after: 3.1e6, texture: true },
  { metric: 'network_receive_bytes_per_second', before: 9.1e7, after: 4e5, texture: true },
  { metric: 'memory_used_ratio', before: 0.41, after: 0.44, texture: false },
  { metric: 'load_average_1m', before: 14, after: 21, texture: false },
];
const GPU: readonly Level[] = [
  { metric: 'gpu_power_watts', before: 260, after: 640, texture: true },
  { metric: 'gpu_utilization_ratio', before: 0.41, after: 0.99, texture: true },
  { metric: 'gpu_tensor_active_ratio', before: 0.18, after: 0.83, texture: true },
  { metric: 'gpu_dram_active_ratio', before: 0.3, after: 0.12, texture: true },
  { metric: 'gpu_sm_active_ratio', before: 0.38, after: 0.95, texture: true },
  { metric: 'gpu_memory_used_ratio', before: 0.72, after: 0.55, texture: false },
];

/** A day of frames of these nodes, host and one GPU, with the change of level that was found. */
export async function seedSeries(series: Series, plans: readonly NodePlan[], nowMs: number): Promise<void> {
  for (const plan of plans) {
    await write(series, plan, 'host', HOST, nowMs);
    await write(series, plan, 'gpu0', GPU, nowMs);
  }
}

async function write(
  series: Series,
  plan: NodePlan,
  entity: string,
  levels: readonly Level[],
  nowMs: number,
): Promise<void> {
  const next = random(plan.seed + entity.length);
  const fields = levels.flatMap(({ metric, texture }) =>
    texture ? [metric, `${metric}_sd`, `${metric}_min`, `${metric}_max`] : [metric],
  );
  const times = Array.from(
    { length: (24 * HOUR_MS) / FRAME_MS },
    (_, index) => nowMs - index * FRAME_MS,
  ).filter((ms) => !(nowMs - ms > GAP_HOURS[0] * HOUR_MS && nowMs - ms < GAP_HOURS[1] * HOUR_MS));
  const points = times.map((timeMs) => {
    const changed = plan.story === 'deviating' && nowMs - timeMs < plan.sinceHours * HOUR_MS;
    const values = levels.flatMap(({ metric, before, after, texture }) => {
      const slow = 1 + 0.12 * Math.sin(timeMs / 4e6) * (changed ? 0.1 : 1);
      const level = (changed ? after : before) * slow * (1 + 0.06 * (next() - 0.5));
      const mean = metric.endsWith('_ratio') ? Math.min(level, 1) : level;
      const high = metric.endsWith('_ratio') ? Math.min(mean * 1.12, 1) : mean * 1.12;
      return texture ? [mean, mean * 0.05, mean * 0.88, high] : [mean];
    });
    return { measurement: 'frame' as const, node: plan.node, entity, timeMs, fields, values };
  });
  for (let at = 0; at < points.length; at += POINTS_A_WRITE)
    await series.write(points.slice(at, at + POINTS_A_WRITE));
}
