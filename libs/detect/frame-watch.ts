import type { Slab } from '#libs/stats/slab.ts';
import { type Baseline, noteChange } from './baseline.ts';
import { breakRuns, type FastChange, watchFrame } from './fast-change.ts';
import { HOST_WINDOW, type WindowLayout } from './layout.ts';
import type { DetectParameters } from './parameters.ts';
import { type Scales, scalesOf } from './scales.ts';

/** Frames may come this many intervals apart and still follow each other. */
const FOLLOWS = 2.5;

/** Watches the frames of one node after another for a change of level within seconds. */
export class FrameWatch {
  readonly #parameters: DetectParameters;
  readonly #found: FastChange = { track: 0, score: 0, frames: 0, before: 0, after: 0 };
  /** Of the row that was looked at last: rows of a kind follow each other. */
  #layout: WindowLayout = HOST_WINDOW;
  #scales: Scales;
  #gpu = -1;
  #newest = false;
  #follows = false;

  constructor(parameters: DetectParameters) {
    this.#parameters = parameters;
    this.#scales = scalesOf(this.#layout, parameters);
  }

  /** Begins a frame that ends `sinceMs` after the node's newest; one that came late (≤ 0) is not watched. */
  begin(sinceMs: number, intervalMs: number): void {
    this.#newest = sinceMs > 0;
    this.#follows = sinceMs <= FOLLOWS * intervalMs;
    this.#found.score = 0;
  }

  /** Looks at one entity's row of the frame. @param gpu index of the GPU, −1 for the host */
  look(
    layout: WindowLayout,
    baseline: Baseline | null,
    place: number,
    gauges: Float32Array,
    gaugesAt: number,
    gpu: number,
  ): void {
    if (!this.#newest || baseline === null) return;
    if (layout !== this.#layout) {
      this.#layout = layout;
      this.#scales = scalesOf(layout, this.#parameters);
    }
    const data = baseline.fast.page(place);
    const at = baseline.fast.at(place);
    if (!this.#follows) breakRuns(layout, data, at);
    if (watchFrame(this.#scales, data, at, gauges, gaugesAt, this.#parameters, this.#found)) this.#gpu = gpu;
  }

  /** Ends the frame. @returns whether it is the first of its window to show a change, which is then noted */
  end(calendar: Slab<Float64Array> | null, place: number, endMs: number, intervalMs: number): boolean {
    if (this.#found.score === 0 || calendar === null) return false;
    const [data, at] = [calendar.page(place), calendar.at(place)];
    return noteChange(data, at, this.#gpu, endMs, intervalMs, this.#found);
  }
}
