import type { EntityRow } from '#libs/model/frame.ts';
import { type NamedColumn, namedColumns } from './columns.ts';

const HOST = namedColumns('host');
const GPU = namedColumns('gpu');
/** A Float32 has no more. */
const DIGITS = 7;

interface Row {
  readonly timeSeconds: number;
  readonly label: string;
  /** Null on a machine without one, and in a sample without any. */
  readonly gpu: number | null;
  readonly values: Float32Array;
}

/** A trace of a node while it is being recorded: a row per sample, or per sample and GPU. Some 300 bytes a row. */
export class Tape {
  readonly #rows: Row[] = [];

  get rows(): number {
    return this.#rows.length;
  }

  /** Rows of each label; '' is no label. */
  get labels(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { label } of this.#rows) counts[label] = (counts[label] ?? 0) + 1;
    return counts;
  }

  /** Takes in what one sample said. The host's values stand in the row of every GPU. @param label '' for none */
  add(timeSeconds: number, label: string, entities: readonly EntityRow[]): void {
    const host = entities.find(({ kind }) => kind === 'host');
    const gpus = entities.filter(({ kind }) => kind === 'gpu');
    const devices = gpus.length > 0 ? gpus : [undefined];
    for (const device of devices) {
      const values = new Float32Array([...valuesOf(HOST, host), ...valuesOf(GPU, device)]);
      this.#rows.push({ timeSeconds, label, gpu: device?.index ?? null, values });
    }
  }

  /** The last value of a gauge of GPUs, by its name; undefined where none was measured. */
  lastOfGpus(name: string): number | undefined {
    const place = HOST.length + GPU.findIndex((column) => column.name === name);
    return this.#rows.map(({ values }) => values[place]).findLast((value) => Number.isFinite(value));
  }

  /** The CSV file: columns that were never measured are left out, and so is `gpu` where there was none. */
  csv(): string {
    const columns = [...HOST, ...GPU]
      .map(({ name }, place) => ({ name, place }))
      .filter(({ place }) => this.#rows.some(({ values }) => !Number.isNaN(values[place])));
    const hasGpu = this.#rows.some(({ gpu }) => gpu !== null);
    const head = ['time_s', ...(hasGpu ? ['gpu'] : []), ...columns.map(({ name }) => name), 'behaviour'];
    const lines = this.#rows.map(({ timeSeconds, gpu, values, label }) =>
      [
        timeSeconds.toFixed(3),
        ...(hasGpu ? [gpu ?? ''] : []),
        ...columns.map(({ place }) => cell(values[place])),
        label,
      ].join(','),
    );
    return `${[head.join(','), ...lines].join('\n')}\n`;
  }
}

function valuesOf(columns: readonly NamedColumn[], row: EntityRow | undefined): number[] {
  return columns.map(({ ordinal }) => row?.gauges[ordinal] ?? Number.NaN);
}

/** An empty cell is "not measured". */
function cell(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(Number(value.toPrecision(DIGITS)));
}
