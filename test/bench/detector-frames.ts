import process from 'node:process';
import type { Delivered } from '#libs/bus/port.ts';
import { buildRegister } from '#libs/detect/register.ts';
import { Chain } from '#libs/evidence/chain.ts';
import { generateKeys, type NodeKeys } from '#libs/evidence/keys.ts';
import { sealDigest } from '#libs/evidence/seal.ts';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type EntityRow, emptyRow, FRAMES_PER_SEAL, type Frame } from '#libs/model/frame.ts';
import { random } from '#test/support/random.ts';

export const START_MS = Date.UTC(2026, 0, 1);
const VALUES = 32;
/** Long enough for references of the own past, and for onsets in every hundredth node. */
export const FRAMES = 240;
export const DEVIATES_FROM = 220;

export type Rows = readonly EntityRow[];

export const hostRows = (): Rows => [filled(emptyRow('host'))];
export const gpuNodeRows = (): Rows => [
  ...hostRows(),
  ...Array.from({ length: 8 }, (_, i) => filled(emptyRow('gpu', i, `GPU-${i}`))),
];

const uniform = random(17);

/** 32 present values: gauges from the first column on; none is absurd, ratios stay below one. */
export function filled(row: EntityRow): EntityRow {
  for (let i = 0; i < Math.min(VALUES, row.gauges.length); i++) row.gauges[i] = 0.5 + 0.01 * uniform();
  return row;
}

export function frameOf(
  node: number,
  sequence: number,
  boot: string,
  previous: Uint8Array,
  entities: Rows,
): Frame {
  return {
    node: `n${node}`,
    site: 's1',
    boot,
    sequence,
    endMs: START_MS + sequence * 10_000,
    intervalMs: 10_000,
    samples: 10,
    previous,
    entities,
    flows: [],
    groups: [],
    covers: [],
  };
}

/** Every hundredth node draws ten times the power from a moment on. */
export function vary(rows: Rows, node: number, sequence: number): void {
  for (const row of rows) {
    const power = gaugeOrdinal(row.kind, row.kind === 'host' ? 'node_power_watts' : 'gpu_power_watts');
    row.gauges[power] = (node % 100 === 0 && sequence > DEVIATES_FROM ? 900 : 90) + uniform();
  }
}

export function registerOf(nodes: number) {
  const names = Array.from({ length: nodes }, (_, node) => `n${node}`);
  const declaration = {
    id: 'd1',
    version: 1,
    tenant: 't1',
    nodes: names,
    behaviours: ['B2' as const],
    envelope: [{ metric: 'node_power_watts', min: null, max: 200 }],
    validFromMs: 0,
    validToMs: null,
    approver: 'A. Person',
    recordedMs: 0,
  };
  return buildRegister([], [declaration]);
}

/** Frames of all nodes, interleaved as they would arrive; seals come staggered, one in ninety frames. */
export function buildRecords(rows: readonly Rows[]): Delivered[] {
  const keys = generateKeys();
  const agents = rows.map((_, node) => ({ boot: bootOf(node), chain: new Chain(bootOf(node), keys), keys }));
  const records: Delivered[] = [];
  for (let sequence = 1; sequence <= FRAMES; sequence++) {
    for (const [node, agent] of agents.entries()) {
      const entities = rows[node] ?? [];
      vary(entities, node, sequence);
      const value = encodeFrame(frameOf(node, sequence, agent.boot, agent.chain.previous, entities));
      agent.chain.append(value);
      const sealed = (sequence + node) % FRAMES_PER_SEAL === 0 ? sealOf(agent.chain.previous, keys) : {};
      const headers = { type: Buffer.from('frame'), ...sealed };
      records.push({ key: `n${node}`, value, headers, offset: records.length, receivedMs: START_MS + 1e10 });
    }
  }
  return records;
}

function sealOf(digest: Uint8Array, keys: NodeKeys) {
  return { seal: Buffer.from(sealDigest(digest, keys.privateKey)), key: Buffer.from(keys.publicKey) };
}

export function bootOf(node: number): string {
  return node.toString(16).padStart(32, '0');
}

/** CPU of the whole process, the garbage collector's threads included: a machine shared with others counts less. */
export function cpuSeconds(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
