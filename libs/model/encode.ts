import { ENTITY_KINDS, LAYOUT_ID, LAYOUTS } from './catalogue.ts';
import type { EntityRow, Flow, Frame, SequenceRun, WorkGroup } from './frame.ts';
import {
  BOOT_BYTES,
  DIGEST_BYTES,
  ENTITY,
  FLOW,
  FRAME,
  GROUP,
  MAX_ENTITIES,
  MAX_ENTITY_INDEX,
  MAX_FLOWS,
  MAX_FRAME_BYTES,
  MAX_GROUPS,
  MAX_INTERVAL_MS,
  MAX_LABEL_BYTES,
  MAX_RUNS,
  MAX_SEQUENCE,
  MAX_TIME_MS,
  NAME_PATTERN,
  PEER_BYTES,
  RUN,
  SCHEMA_VERSION,
} from './wire.ts';
import { WireWriter } from './wire-writer.ts';

/** Reused by every call: encoding is synchronous and hands out copies. */
const writer = new WireWriter();

/**
 * The frame as it goes over the wire, canonical: the same frame always gives the same bytes, so it can be hashed.
 * @throws RangeError for what no reader would accept (a bad name, too many rows, a sequence below 1): a
 * programmer's error. Absurd measured values are not looked at here; readers make them absent.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  checkHeader(frame);
  checkCounts(frame);
  writer.reset();
  writer.uint(FRAME.version, SCHEMA_VERSION);
  writer.text(FRAME.node, frame.node);
  writer.text(FRAME.site, frame.site);
  writer.raw(FRAME.boot, bytesOfHex(frame.boot, BOOT_BYTES));
  writer.uint(FRAME.sequence, frame.sequence);
  writer.uint(FRAME.end, frame.endMs);
  writer.uint(FRAME.interval, frame.intervalMs);
  writer.uint(FRAME.samples, frame.samples);
  writer.uint(FRAME.layout, LAYOUT_ID);
  if (frame.previous.some((byte) => byte !== 0)) writer.raw(FRAME.previous, frame.previous);
  for (const row of frame.entities) writeEntity(row);
  for (const flow of frame.flows) writeFlow(flow);
  for (const group of frame.groups) writeGroup(group);
  for (const run of frame.covers) writeRun(run);
  expect(
    writer.length <= MAX_FRAME_BYTES,
    'encoded frame',
    writer.length,
    `at most ${MAX_FRAME_BYTES} bytes`,
  );
  return writer.copy();
}

function writeEntity(row: EntityRow): void {
  const mark = writer.open(FRAME.entity);
  writer.uint(ENTITY.kind, ENTITY_KINDS.indexOf(row.kind) + 1);
  writer.uint(ENTITY.index, row.index);
  writer.text(ENTITY.id, row.id);
  writer.presence(ENTITY.gaugePresence, row.gauges);
  writer.packed(ENTITY.gauges, row.gauges);
  writer.presence(ENTITY.counterPresence, row.counters);
  writer.packed(ENTITY.counters, row.counters);
  writer.close(mark);
}

function writeFlow(flow: Flow): void {
  const mark = writer.open(FRAME.flow);
  writer.raw(FLOW.peer, bytesOfHex(flow.peer, PEER_BYTES));
  writer.float(FLOW.age, flow.ageSeconds);
  writer.double(FLOW.bytesUp, flow.bytesUp);
  writer.double(FLOW.bytesDown, flow.bytesDown);
  writer.float(FLOW.activeUp, flow.activeSecondsUp);
  writer.float(FLOW.activeDown, flow.activeSecondsDown);
  writer.close(mark);
}

function writeGroup(group: WorkGroup): void {
  const mark = writer.open(FRAME.group);
  const before = writer.length;
  writer.text(GROUP.label, group.label);
  // Tag and length come before the text: 3 bytes at most.
  const bytes = writer.length - before;
  expect(
    bytes > 0 && bytes <= MAX_LABEL_BYTES + 3,
    'group label',
    group.label,
    `1 to ${MAX_LABEL_BYTES} bytes`,
  );
  writer.float(GROUP.cpu, group.cpuUtilizationRatio);
  writer.double(GROUP.memory, group.memoryBytes);
  writer.float(GROUP.gpu, group.gpuUtilizationRatio);
  writer.double(GROUP.gpuMemory, group.gpuMemoryBytes);
  writer.close(mark);
}

function writeRun(run: SequenceRun): void {
  expectWhole('covers.from', run.from, 1, run.to);
  expectWhole('covers.to', run.to, 1, MAX_SEQUENCE);
  const mark = writer.open(FRAME.run);
  writer.uint(RUN.from, run.from);
  writer.uint(RUN.to, run.to);
  writer.close(mark);
}

function checkHeader(frame: Frame): void {
  expect(NAME_PATTERN.test(frame.node), 'node', frame.node, String(NAME_PATTERN));
  expect(NAME_PATTERN.test(frame.site), 'site', frame.site, String(NAME_PATTERN));
  expectWhole('sequence', frame.sequence, 1, MAX_SEQUENCE);
  expectWhole('endMs', frame.endMs, 1, MAX_TIME_MS);
  expectWhole('intervalMs', frame.intervalMs, 1, MAX_INTERVAL_MS);
  expectWhole('samples', frame.samples, 0, 0xffff_ffff);
  expect(frame.previous.length === DIGEST_BYTES, 'previous', frame.previous.length, `${DIGEST_BYTES} bytes`);
}

function checkCounts(frame: Frame): void {
  expectWhole('entities', frame.entities.length, 0, MAX_ENTITIES);
  expectWhole('flows', frame.flows.length, 0, MAX_FLOWS);
  expectWhole('groups', frame.groups.length, 0, MAX_GROUPS);
  expectWhole('covers', frame.covers.length, 0, MAX_RUNS);
  const seen = new Set<string>();
  for (const row of frame.entities) checkRow(row, seen);
}

function checkRow(row: EntityRow, seen: Set<string>): void {
  const { gauges, counters } = LAYOUTS[row.kind];
  const key = `${row.kind}${row.index}`;
  expect(!seen.has(key), 'entity', key, 'each kind and index once');
  seen.add(key);
  expectWhole('entity index', row.index, 0, row.kind === 'host' ? 0 : MAX_ENTITY_INDEX);
  expect(row.id === '' || NAME_PATTERN.test(row.id), 'entity id', row.id, `empty or ${NAME_PATTERN}`);
  expect(row.gauges.length === gauges.length, 'gauges', row.gauges.length, `${gauges.length} columns`);
  expect(
    row.counters.length === counters.length,
    'counters',
    row.counters.length,
    `${counters.length} columns`,
  );
}

function bytesOfHex(hex: string, length: number): Uint8Array {
  const right = hex.length === length * 2 && /^[0-9a-f]*$/.test(hex);
  expect(right, 'identifier', hex, `${length * 2} lower-case hex digits`);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    bytes[i] = (digitOf(hex.charCodeAt(2 * i)) << 4) | digitOf(hex.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** Of a lower-case hex digit's code: the letters follow 0x60, ten and more. */
function digitOf(code: number): number {
  return code < 0x60 ? code - 0x30 : code - 0x57;
}

function expectWhole(what: string, value: number, min: number, max: number): void {
  expect(
    Number.isSafeInteger(value) && value >= min && value <= max,
    what,
    value,
    `a whole number ${min}..${max}`,
  );
}

function expect(holds: boolean, what: string, value: unknown, expected: string): void {
  if (!holds) throw new RangeError(`${what} ${JSON.stringify(value)}: expected ${expected}`);
}
