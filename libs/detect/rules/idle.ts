import { fixedMean, type NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';

/**
 * Whether everything that is measured says idle. Utilisation alone does not (DOMAIN.md §8.1): where a GPU's
 * activity or power is known it must agree. False where the CPU, or some GPU, tells nothing.
 */
export function isIdle(node: NodeWindow, parameters: DetectParameters): boolean {
  return (
    node.entities.length > 0 &&
    node.entities.every((entity) =>
      entity.layout.kind === 'host'
        ? fixedMean(entity, 'cpu') < parameters.idleCpuRatio
        : fixedMean(entity, 'gpuUtilization') < parameters.idleGpuRatio &&
          !(fixedMean(entity, 'smActive') >= parameters.idleGpuRatio) &&
          !(fixedMean(entity, 'gpuPower') >= parameters.idleGpuWatts),
    )
  );
}
