import { type FrameRows, windowsOf } from '../frame-windows.ts';
import { GPU_WINDOW, HOST_WINDOW } from '../layout.ts';
import { isBusyGpu, readFeatures } from './features.ts';
import { readTraffic } from './traffic.ts';

/** The features of the GPUs of one node's consecutive frames, as stage 1 reads them over a window. For fitting. */
export function windowFeatures(frames: readonly FrameRows[]): Float64Array[] {
  const windows = windowsOf(frames, 'gpu', GPU_WINDOW);
  const [host = null] = windowsOf(frames, 'host', HOST_WINDOW);
  const traffic = readTraffic(host, windows.filter(isBusyGpu).length);
  return windows.map((window) => readFeatures(window, traffic));
}
