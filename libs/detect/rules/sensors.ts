import { standardDeviation } from '#libs/stats/moments.ts';
import { GPU_WINDOW, metricIndex } from '../layout.ts';
import { type EntityWindow, fixedMean, type NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';

const UTILIZATION = metricIndex(GPU_WINDOW, 'gpu_utilization_ratio');

/**
 * Sensors that cannot be believed over this window, in sentences: utilisation that others contradict, that swings
 * with nothing to confirm it, or that stands still where work never does. Such a node is never called clean.
 */
export function doubtfulSensors(node: NodeWindow, parameters: DetectParameters): readonly string[] {
  return node.entities.flatMap((entity) =>
    entity.layout.kind === 'gpu' ? (doubtOf(entity, parameters) ?? []) : [],
  );
}

function doubtOf(gpu: EntityWindow, parameters: DetectParameters): string | null {
  const utilization = fixedMean(gpu, 'gpuUtilization');
  if (Number.isNaN(utilization)) return null;
  const sensor = `gpu_utilization_ratio of ${gpu.name}`;
  if (utilization < parameters.idleGpuRatio) {
    const busy = saysBusy(gpu, parameters);
    return busy === null
      ? null
      : `${sensor} reads idle while its ${busy} says busy: the sensor is not believed.`;
  }
  const place = gpu.at + gpu.layout.places[UTILIZATION]!;
  const sd = standardDeviation(gpu.data, place);
  const alone = Number.isNaN(fixedMean(gpu, 'gpuPower')) && Number.isNaN(fixedMean(gpu, 'smActive'));
  if (alone && sd >= parameters.unstableRatio)
    return `${sensor} swings between idle and full and no other sensor confirms it.`;
  const full = 1 - parameters.idleGpuRatio;
  const still = sd === 0 && gpu.data[place]! >= parameters.stuckSamples;
  return still && utilization < full ? `${sensor} did not move over the window: it may be stuck.` : null;
}

/** What contradicts a utilisation of nothing. Memory alone does not: a loaded model may wait. */
function saysBusy(gpu: EntityWindow, parameters: DetectParameters): string | null {
  if (fixedMean(gpu, 'smActive') >= parameters.idleGpuRatio) return 'SM activity';
  const power = fixedMean(gpu, 'gpuPower');
  if (power >= parameters.idleGpuWatts) return 'power';
  const warm =
    fixedMean(gpu, 'gpuTemperature') >= parameters.warmGpuCelsius &&
    fixedMean(gpu, 'gpuMemory') >= parameters.warmGpuMemoryRatio;
  return Number.isNaN(power) && warm ? 'temperature with its memory in use' : null;
}
