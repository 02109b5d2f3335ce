import type { Flow, SequenceRun, WorkGroup } from './frame.ts';
import { hexOf } from './intern.ts';
import { MalformedFrameError } from './malformed.ts';
import { RATIO_TOLERANCE } from './plausible.ts';
import {
  FLOW,
  FLOW_FIELDS,
  GROUP,
  GROUP_FIELDS,
  MAX_LABEL_BYTES,
  MAX_SEQUENCE,
  PEER_BYTES,
  RUN,
  RUN_FIELDS,
} from './wire.ts';
import type { WireReader } from './wire-reader.ts';

/** A year of seconds has 3.2e7; no connection is older than a thousand years. */
const MAX_SECONDS = 3.2e10;
const MAX_BYTES = Number.MAX_SAFE_INTEGER;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns null where a number is absurd: a flow without one would have to be guarded against everywhere. */
export function readFlow(reader: WireReader, end: number): Flow | null {
  let peer = '';
  const flow = { ageSeconds: 0, bytesUp: 0, bytesDown: 0, activeSecondsUp: 0, activeSecondsDown: 0 };
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag === FLOW.peer) peer = readPeer(reader, reader.field(end));
    else if (tag === FLOW.age) flow.ageSeconds = reader.float(end);
    else if (tag === FLOW.bytesUp) flow.bytesUp = reader.double(end);
    else if (tag === FLOW.bytesDown) flow.bytesDown = reader.double(end);
    else if (tag === FLOW.activeUp) flow.activeSecondsUp = reader.float(end);
    else if (tag === FLOW.activeDown) flow.activeSecondsDown = reader.float(end);
    else reader.skip(tag, end, FLOW_FIELDS);
  }
  return isPlausible(flow) ? { peer: given(peer), ...flow } : null;
}

function given(peer: string): string {
  if (peer === '') throw new MalformedFrameError('bad flow', 'without a peer');
  return peer;
}

function isPlausible(flow: Omit<Flow, 'peer'>): boolean {
  return (
    within(flow.ageSeconds, MAX_SECONDS) &&
    within(flow.bytesUp, MAX_BYTES) &&
    within(flow.bytesDown, MAX_BYTES) &&
    within(flow.activeSecondsUp, MAX_SECONDS) &&
    within(flow.activeSecondsDown, MAX_SECONDS)
  );
}

function readPeer(reader: WireReader, end: number): string {
  const start = reader.at;
  reader.at = end;
  if (end - start === PEER_BYTES) return hexOf(reader.bytes.subarray(start, end));
  throw new MalformedFrameError('bad flow', `peer of ${end - start} bytes, expected ${PEER_BYTES}`);
}

/** @returns null where a number is absurd, as {@link readFlow}. */
export function readGroup(reader: WireReader, end: number): WorkGroup | null {
  let label = '';
  let cpu = 0;
  let memoryBytes = 0;
  let gpu = 0;
  let gpuMemoryBytes = 0;
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag === GROUP.label) label = readLabel(reader, reader.field(end));
    else if (tag === GROUP.cpu) cpu = reader.float(end);
    else if (tag === GROUP.memory) memoryBytes = reader.double(end);
    else if (tag === GROUP.gpu) gpu = reader.float(end);
    else if (tag === GROUP.gpuMemory) gpuMemoryBytes = reader.double(end);
    else reader.skip(tag, end, GROUP_FIELDS);
  }
  if (label === '') throw new MalformedFrameError('bad group', 'without a label');
  const plausible =
    absentOrWithin(cpu, 1 + RATIO_TOLERANCE) &&
    absentOrWithin(memoryBytes, MAX_BYTES) &&
    absentOrWithin(gpu, 1 + RATIO_TOLERANCE) &&
    absentOrWithin(gpuMemoryBytes, MAX_BYTES);
  if (!plausible) return null;
  const ratios = { cpuUtilizationRatio: Math.min(cpu, 1), gpuUtilizationRatio: Math.min(gpu, 1) };
  return { label, memoryBytes, gpuMemoryBytes, ...ratios };
}

function readLabel(reader: WireReader, end: number): string {
  const start = reader.at;
  reader.at = end;
  if (end - start > MAX_LABEL_BYTES) {
    throw new MalformedFrameError(
      'bad group',
      `label of ${end - start} bytes, expected at most ${MAX_LABEL_BYTES}`,
    );
  }
  try {
    return utf8.decode(reader.bytes.subarray(start, end));
  } catch (cause) {
    throw new MalformedFrameError('bad group', 'label, expected UTF-8', { cause });
  }
}

export function readRun(reader: WireReader, end: number): SequenceRun {
  let from = 0;
  let to = 0;
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag === RUN.from) from = reader.uint(end);
    else if (tag === RUN.to) to = reader.uint(end);
    else reader.skip(tag, end, RUN_FIELDS);
  }
  if (from >= 1 && from <= to && to <= MAX_SEQUENCE) return { from, to };
  throw new MalformedFrameError('bad run', `${from}..${to}, expected within 1..${MAX_SEQUENCE}, in order`);
}

function absentOrWithin(value: number, max: number): boolean {
  return Number.isNaN(value) || within(value, max);
}

function within(value: number, max: number): boolean {
  return value >= 0 && value <= max;
}
