import { type EntityWindow, fixedMean, type NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';

/**
 * Whether everything that is measured says idle. Utilisation alone does not (DOMAIN.md §8.1): of each GPU something
 * else must say so too, and nothing may speak against it. False where the CPU, or some GPU, tells nothing.
 */
export function isIdle(node: NodeWindow, parameters: DetectParameters): boolean {
  return (
    node.entities.length > 0 &&
    node.entities.every((entity) =>
      entity.layout.kind === 'host'
        ? fixedMean(entity, 'cpu') < parameters.idleCpuRatio
        : isIdleGpu(entity, parameters),
    )
  );
}

/** Whether a GPU waits, by more than its utilisation alone. False where it tells nothing. */
export function isIdleGpu(gpu: EntityWindow, parameters: DetectParameters): boolean {
  if (!(fixedMean(gpu, 'gpuUtilization') < parameters.idleGpuRatio)) return false;
  const [activity, power] = [fixedMean(gpu, 'smActive'), fixedMean(gpu, 'gpuPower')];
  if (activity >= parameters.idleGpuRatio || power >= parameters.idleGpuWatts) return false;
  if (!Number.isNaN(activity) || !Number.isNaN(power)) return true;
  // A card that sleeps reads 0 °C on some laptops: that says nothing about one with memory in use.
  const temperature = fixedMean(gpu, 'gpuTemperature');
  const cool = temperature > 0 && temperature < parameters.warmGpuCelsius;
  return cool || fixedMean(gpu, 'gpuMemory') < parameters.emptyGpuMemoryRatio;
}
