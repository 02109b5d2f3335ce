import { type Activity, add, clear, idleActivity } from './activity.ts';
import type { Place, Process, Workload } from './workload.ts';

/** An activity of its own for a part, and that part's process. */
interface Part {
  readonly process: Process;
  readonly scratch: Activity;
}

function part(workload: Workload, place: Place, gpus = place.gpus): Part {
  return {
    process: workload.start({ ...place, gpus, random: place.random.fork() }),
    scratch: idleActivity(gpus),
  };
}

function live({ process, scratch }: Part, timeMs: number): Activity {
  clear(scratch);
  process(timeMs, scratch);
  return scratch;
}

const mixed = (a: Workload, b: Workload) => (a.behaviour === b.behaviour ? a.behaviour : 'B11');

/**
 * One after the other on the whole machine: `first` for `ratio` of each period, then `second`. Both live on while
 * they wait, so that their clocks go on; only one is seen.
 * @param ratio 0–1
 */
export function timeShare(first: Workload, second: Workload, ratio: number, periodSeconds: number): Workload {
  return {
    name: `${first.name}+${second.name}`,
    behaviour: mixed(first, second),
    start: (place): Process => {
      const parts = [part(first, place), part(second, place)] as const;
      return (timeMs, into) => {
        const [a, b] = parts.map((one) => live(one, timeMs));
        const isFirst = ((timeMs - 1) / 1000) % periodSeconds < periodSeconds * ratio;
        const shown = isFirst ? a : b;
        if (shown) add(into, shown, 1);
      };
    },
  };
}

/** Both at once on every GPU, which each gets a share of. Their memory adds up. @param share of `first`, 0–1 */
export function sideBySide(first: Workload, second: Workload, share: number): Workload {
  return {
    name: `${first.name}|${second.name}`,
    behaviour: mixed(first, second),
    start: (place): Process => {
      const [a, b] = [part(first, place), part(second, place)];
      return (timeMs, into) => {
        add(into, live(a, timeMs), share);
        add(into, live(b, timeMs), 1 - share);
      };
    },
  };
}

/** Both in full: what one leaves free, the other uses. Where they ask for more than there is, the machine bounds them. */
export function beside(first: Workload, second: Workload): Workload {
  return {
    name: `${first.name} beside ${second.name}`,
    behaviour: mixed(first, second),
    start: (place): Process => {
      const [a, b] = [part(first, place), part(second, place)];
      return (timeMs, into) => {
        add(into, live(a, timeMs), 1);
        add(into, live(b, timeMs), 1);
      };
    },
  };
}

/** `hidden` on `count` of the GPUs, chosen by the seed, `rest` on the others. The host does both. */
export function onGpus(hidden: Workload, count: number, rest: Workload): Workload {
  return {
    name: `${hidden.name} on ${count} GPUs, ${rest.name}`,
    behaviour: mixed(hidden, rest),
    start: (place): Process => {
      const all = shuffled(place);
      const [few, others] = [all.slice(0, count), all.slice(count)];
      const [a, b] = [part(hidden, place, few.length), part(rest, place, others.length)];
      return (timeMs, into) => {
        add(into, live(a, timeMs), 1, few);
        add(into, live(b, timeMs), 1, others);
      };
    },
  };
}

/** Fisher–Yates. */
function shuffled({ gpus, random }: Place): number[] {
  const places = Array.from({ length: gpus }, (_, index) => index);
  for (let i = places.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    const [a = 0, b = 0] = [places[i], places[j]];
    places[i] = b;
    places[j] = a;
  }
  return places;
}
