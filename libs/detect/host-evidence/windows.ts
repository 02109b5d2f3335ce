import { type FrameRows, windowsOf } from '../frame-windows.ts';
import { HOST_WINDOW } from '../layout.ts';
import { readHostFeatures } from './features.ts';

/** The features of the host of one node's consecutive frames, as stage 1 reads them over a window; at most one. For fitting. */
export function hostWindowFeatures(frames: readonly FrameRows[]): Float64Array[] {
  return windowsOf(frames, 'host', HOST_WINDOW).map(readHostFeatures);
}
