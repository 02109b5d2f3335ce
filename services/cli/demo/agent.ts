import { createHash } from 'node:crypto';
import type { Outgoing } from '#libs/bus/port.ts';
import { Chain } from '#libs/evidence/chain.ts';
import { keysFromPem, type NodeKeys } from '#libs/evidence/keys.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { DEFAULT_INTERVAL_MS } from '#libs/model/frame.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Machine } from '#libs/traces/simulate/machine.ts';

/** How the DER of an Ed25519 private key begins (RFC 8410, section 7); 32 bytes follow. */
const PKCS8_ED25519 = '302e020100300506032b657004220420';

/** Who speaks: a node's name and place, and the start of its agent. */
export interface Speaker {
  readonly node: string;
  readonly site: string;
  readonly keys: NodeKeys;
  /** 32 hex digits. */
  readonly boot: string;
}

/** A simulated machine's agent: numbered, chained and sealed frames, as a real one sends them. */
export class SimulatedAgent {
  readonly machine: Machine;
  readonly #speaker: Speaker;
  readonly #chain: Chain;

  constructor(machine: Machine, speaker: Speaker) {
    this.machine = machine;
    this.#speaker = speaker;
    this.#chain = new Chain(speaker.boot, speaker.keys);
  }

  /** Lives through the interval that ends at this event time. @returns the frame, to be sent before the next is made */
  frame(endMs: number): Outgoing {
    const { node, site, boot } = this.#speaker;
    const sequence = this.#chain.nextSequence;
    const value = encodeFrame({
      node,
      site,
      boot,
      sequence,
      endMs,
      intervalMs: DEFAULT_INTERVAL_MS,
      previous: this.#chain.previous,
      covers: [],
      ...this.machine.interval(endMs, DEFAULT_INTERVAL_MS),
    });
    const seal = this.#chain.append(value);
    const headers = {
      [HEADERS.type]: 'frame',
      [HEADERS.node]: node,
      [HEADERS.boot]: boot,
      [HEADERS.sequence]: String(sequence),
      ...(seal && { [HEADERS.seal]: seal.signature, [HEADERS.key]: seal.key }),
    };
    return { topic: TOPICS.frames.name, key: node, value, headers };
  }
}

/** Keys that guard nothing: anybody who knows the name and the seed can make them. */
export function simulatedKeys(node: string, seed: number): NodeKeys {
  const der = Buffer.from(PKCS8_ED25519 + digest(`key/${node}/${seed}`), 'hex');
  return keysFromPem(`-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`);
}

/** A boot's identity. */
export function simulatedBoot(node: string, start: string, seed: number): string {
  return digest(`boot/${node}/${start}/${seed}`).slice(0, 32);
}

/** 32 bits to seed something of this name with. */
export function seedOf(name: string, seed: number): number {
  return Number.parseInt(digest(`seed/${name}/${seed}`).slice(0, 8), 16);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
