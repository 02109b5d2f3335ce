import type { Flow } from '#libs/model/frame.ts';
import type { CsvTable } from './parse-csv.ts';

/** One connection of a recording, over the whole time it was seen, as an agent reports it. */
export interface RecordedFlow extends Flow {
  /** Label that all its packets share; '' where there is none or more than one. */
  readonly label: string;
  /** Bytes of its busiest interval, each way: what the largest of an agent's frames says. */
  readonly busiestUp: number;
  readonly busiestDown: number;
}

/**
 * Packets as connections: bytes each way, age, and the seconds in which bytes went. Payloads, addresses and ports are
 * not looked at. Packets without payload (bare acknowledgements, 40 to 60 bytes) count as bytes but make no second
 * active, as an agent sees bytes acknowledged and not packets. Where a row is what went over a connection in a second,
 * its bytes are payload (`payload_bytes`), all of it.
 */
export function recordedFlows(table: CsvTable): RecordedFlow[] {
  const seconds = table.number('time_s');
  const packets = table.names.includes('ip_bytes');
  const bytes = table.number(packets ? 'ip_bytes' : 'payload_bytes');
  const empty = packets ? EMPTY_BYTES : 0;
  const names = table.text('flow');
  const directions = table.text('direction');
  const labels = table.text('behaviour');
  const rows = Array.from({ length: table.rows }, (_, row) => row);
  return [...Map.groupBy(rows, (row) => names[row] ?? '')].map(([peer, own]) => {
    const times = own.map((row) => seconds[row] ?? 0);
    const way = (name: string) => own.filter((row) => directions[row] === name);
    const sum = (some: readonly number[]) => some.reduce((total, row) => total + (bytes[row] ?? 0), 0);
    const active = (some: readonly number[]) =>
      new Set(some.filter((row) => (bytes[row] ?? 0) > empty).map((row) => Math.floor(seconds[row] ?? 0)))
        .size;
    const begin = Math.min(...times);
    const busiest = (some: readonly number[]) => {
      const intervals = Map.groupBy(some, (row) =>
        Math.floor(((seconds[row] ?? 0) - begin) / INTERVAL_SECONDS),
      );
      return Math.max(0, ...[...intervals.values()].map(sum));
    };
    const [up, down] = [way('up'), own.filter((row) => directions[row] !== 'up')];
    const found = new Set(own.map((row) => labels[row] ?? ''));
    return {
      peer,
      ageSeconds: Math.max(...times) - begin,
      bytesUp: sum(up),
      bytesDown: sum(down),
      activeSecondsUp: active(up),
      activeSecondsDown: active(down),
      busiestUp: busiest(up),
      busiestDown: busiest(down),
      label: found.size === 1 ? ([...found][0] ?? '') : '',
    };
  });
}

/** An IP packet of a bare TCP acknowledgement is 40 bytes, 52 with time stamps, 60 with the options of a handshake. */
const EMPTY_BYTES = 60;

/** Of a frame. */
const INTERVAL_SECONDS = 10;
