import { BOOT_BYTES, MAX_SEQUENCE, NAME_EXPECTED, NAME_PATTERN } from './wire.ts';

/**
 * Message headers of the frames topic. They repeat what the payload says about its origin, so that even a
 * poisoned payload balances in the loss ledger.
 */
export const HEADERS = {
  /** What the message is, on every topic: see {@link MessageType}. */
  type: 'type',
  node: 'node',
  boot: 'boot',
  /** Decimal sequence number. */
  sequence: 'seq',
  /** Ed25519 signature of SHA-256(payload), hex; on every {@link FRAMES_PER_SEAL}th frame and on the last of a boot. */
  seal: 'seal',
  /** The node's Ed25519 public key, raw 32 bytes, hex; beside every seal. */
  key: 'key',
} as const;

export const MESSAGE_TYPES = ['frame', 'tick', 'summary', 'assessment', 'finding', 'reading'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

type HeaderName = (typeof HEADERS)[keyof typeof HEADERS];

interface Shape {
  readonly fits: (text: string) => boolean;
  /** In words, for the sender. */
  readonly expected: string;
}

const hexDigits = (count: number): Shape => {
  const pattern = new RegExp(`^[0-9a-f]{${count}}$`);
  return { fits: (text) => pattern.test(text), expected: `${count} lower-case hex digits` };
};

/** What an agent writes into each header of a frame: a gateway takes nothing else, a writer believes nothing else. */
const SHAPES: Readonly<Record<HeaderName, Shape>> = {
  type: { fits: (text) => text === 'frame', expected: '"frame"' },
  node: {
    fits: (text) => NAME_PATTERN.test(text),
    expected: NAME_EXPECTED,
  },
  boot: hexDigits(2 * BOOT_BYTES),
  seq: {
    fits: (text) => /^[1-9][0-9]{0,12}$/.test(text) && Number(text) <= MAX_SEQUENCE,
    expected: `a decimal number 1..${MAX_SEQUENCE}`,
  },
  seal: hexDigits(128),
  key: hexDigits(64),
};

const ALWAYS: readonly HeaderName[] = [HEADERS.type, HEADERS.node, HEADERS.boot, HEADERS.sequence];
const SEALED: readonly HeaderName[] = [...ALWAYS, HEADERS.seal, HEADERS.key];
/** Of a text that is not as expected, as much as an error shows. */
const SHOWN = 40;

/** Whether this is a text that an agent writes into this header of a frame. */
export function isHeader(name: HeaderName, text: string): boolean {
  return SHAPES[name].fits(text);
}

/** What about a frame's headers is not as an agent sends them, in words; null: nothing. */
export function headersFlaw(headers: Readonly<Record<string, string>>): string | null {
  const isSealed = HEADERS.seal in headers || HEADERS.key in headers;
  const wanted = isSealed ? SEALED : ALWAYS;
  const unknown = Object.keys(headers).find((name) => !wanted.some((each) => each === name));
  if (unknown !== undefined) return `header ${shown(unknown)}: expected none such`;
  const wrong = wanted.find((name) => !isHeader(name, headers[name] ?? ''));
  return wrong === undefined
    ? null
    : `header ${wrong} ${shown(headers[wrong])}: expected ${SHAPES[wrong].expected}`;
}

const shown = (text: string | undefined): string =>
  text === undefined ? 'missing' : JSON.stringify(text.slice(0, SHOWN));
