import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHAIN_STATE_BYTES, WINDOW } from '#libs/evidence/chain-state.ts';
import { generateKeys } from '#libs/evidence/keys.ts';
import { ChainVerifier } from '#libs/evidence/verify.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { type Sent, step, streamOf, told, verifyAll } from './stream.ts';

const HONEST = new Set(['new boot', 'continuous']);
const stream = streamOf(200);
const at = (i: number, of: readonly Sent[] = stream): Sent =>
  of[i] ?? { payload: new Uint8Array(), seal: null };

test('verifies a stream that nobody changed, and seals it to its end', () => {
  const verifier = new ChainVerifier();
  const outcomes = verifyAll(stream, verifier);
  const sealed = outcomes.flatMap(({ seal }, i) => (seal === 'none' ? [] : [`${i + 1} ${seal}`]));
  expect(new Set(outcomes.map(({ joint }) => joint))).toEqual(HONEST);
  expect(sealed).toEqual(['90 good', '180 good', '200 good']);
  expect(verifier.summary(0)).toMatchObject({ sequence: 200, sealedTo: 200, trust: 'first use' });
});

test('notices every deletion but one at the end, and names what is missing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 198 }), fc.integer({ min: 1, max: 80 }), (from, length) => {
      const to = Math.min(from + length, 199);
      const outcomes = verifyAll(stream.toSpliced(from, to - from));
      expect(outcomes[from]?.missing).toEqual({ from: from === 0 ? 1 : from + 1, to });
      expect(outcomes[from]?.joint).toBe(from === 0 ? 'new boot' : 'gap');
      expect(outcomes.filter(({ missing }) => missing !== null)).toHaveLength(1);
    }),
  );
});

test('notices every edit of a payload, at the frame after it or at its seal', () => {
  fc.assert(
    fc.property(fc.nat(199), fc.double({ min: 0, max: 0.49, noNaN: true }), (i, load) => {
      const { frame } = decodeFrame(at(i).payload);
      frame.entities[0]?.gauges.set([load]);
      const forged = { ...at(i), payload: encodeFrame(frame) };
      const outcomes = told(verifyAll(stream.with(i, forged))).map((line) => line.replace(', seal good', ''));
      const accused = outcomes.filter((line) => !HONEST.has(line));
      const bySeal = at(i).seal === null ? [] : ['continuous, seal bad'];
      expect(accused).toEqual([...bySeal, ...(i === 199 ? [] : ['broken'])]);
    }),
  );
});

test("notices frames sent under each other's numbers", () => {
  fc.assert(
    fc.property(fc.nat(198), (i) => {
      const [one, two] = [decodeFrame(at(i).payload).frame, decodeFrame(at(i + 1).payload).frame];
      const swapped = [
        { ...two, sequence: one.sequence, previous: one.previous },
        { ...one, sequence: two.sequence, previous: two.previous },
      ].map((frame) => ({ payload: encodeFrame(frame), seal: null }));
      const joints = verifyAll(stream.toSpliced(i, 2, ...swapped)).map(({ joint }) => joint);
      expect(joints.filter((joint) => joint === 'broken').length).toBeGreaterThanOrEqual(1);
    }),
  );
});

test('takes frames that come out of order within the window, and loses none', () => {
  fc.assert(
    fc.property(
      fc.nat(190),
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 9 }),
      (from, order) => {
        const block = order.map((k) => stream[from + k]).filter((sent) => sent !== undefined);
        const outcomes = verifyAll(stream.toSpliced(from, block.length, ...block));
        const joints = outcomes.map(({ joint }) => joint);
        expect(joints.filter((joint) => ['broken', 'fork', 'stale', 'duplicate'].includes(joint))).toEqual(
          [],
        );
        const missing = outcomes.reduce(
          (n, { missing: run }) => n + (run === null ? 0 : run.to - run.from + 1),
          0,
        );
        expect(joints.filter((joint) => joint === 'late')).toHaveLength(missing);
      },
    ),
  );
});

test('notices an edited frame that comes late, and still takes the true one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: WINDOW - 4 }), (i, delay) => {
      const { frame } = decodeFrame(at(i).payload);
      const forged = { payload: encodeFrame({ ...frame, samples: 3 }), seal: null };
      const others = stream.toSpliced(i, 1).slice(0, i + delay);
      const joints = verifyAll([...others, forged, at(i), at(i)]).map(({ joint }) => joint);
      expect(joints.slice(-3)).toEqual(['broken', 'late', 'duplicate']);
    }),
  );
});

test('calls the same bytes again a duplicate within the window, and stale beyond it', () => {
  fc.assert(
    fc.property(fc.nat(199), fc.nat(199), (a, b) => {
      const [again, last] = [Math.min(a, b), Math.max(a, b)];
      const outcomes = verifyAll([...stream.slice(0, last + 1), at(again)]);
      expect(outcomes.at(-1)?.joint).toBe(last - again < WINDOW ? 'duplicate' : 'stale');
    }),
  );
});

test('notices a clone that goes on under the same boot and key, whoever comes first', () => {
  const keys = generateKeys();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.infiniteStream(fc.boolean()), (split, turns) => {
      const own = streamOf(70, { keys });
      const clone = streamOf(70, { keys, load: 0.1 });
      const queues = [own.slice(split), clone.slice(split)];
      const verifier = new ChainVerifier();
      verifyAll(own.slice(0, split), verifier);
      const joints: string[] = [];
      while (queues.some((queue) => queue.length > 0)) {
        const [first, second] = turns.next().value ? queues : queues.toReversed();
        const sent = first?.shift() ?? second?.shift();
        if (sent !== undefined) joints.push(step(verifier, sent).joint);
      }
      expect(joints.filter((joint) => joint === 'fork' || joint === 'broken').length).toBeGreaterThan(0);
    }),
    { numRuns: 20 },
  );
});

test('notices two agents with boots of their own under one name', () => {
  const one = streamOf(6, { boot: 'aa'.repeat(16) });
  const two = streamOf(6, { boot: 'cc'.repeat(16), startMs: 1_790_000_005_000 });
  const turns = one.flatMap((sent, i) => [sent, at(i, two)]).slice(0, 6);
  expect(told(verifyAll(turns))).toEqual(['new boot', 'new boot', 'fork', 'fork', 'fork', 'fork']);
});

test('takes a restart as a new boot, and frames of a boot before as stale', () => {
  const keys = generateKeys();
  const next = streamOf(3, { boot: 'cc'.repeat(16), startMs: 1_790_000_100_000, keys });
  const old = streamOf(3, { keys });
  const recorded = streamOf(3, { boot: 'dd'.repeat(16), startMs: 1_700_000_000_000, keys });
  const outcomes = told(verifyAll([...old, ...next.slice(0, 2), at(2, old), at(0, recorded), at(2, next)]));
  expect(outcomes).toEqual([
    'new boot',
    'continuous',
    'continuous, seal good',
    'new boot',
    'continuous',
    'stale, seal good',
    'stale',
    'continuous, seal good',
  ]);
});

test('refuses a first frame that names a frame before it', () => {
  const { frame } = decodeFrame(at(0).payload);
  const payload = encodeFrame({ ...frame, previous: new Uint8Array(32).fill(1) });
  expect(verifyAll([{ payload, seal: null }])[0]?.joint).toBe('broken');
});

test('pins the first key, and does not follow when it changes', () => {
  const [first, second] = [generateKeys(), generateKeys()];
  const own = streamOf(2, { keys: first });
  const other = streamOf(2, { keys: second, boot: 'cc'.repeat(16), startMs: 1_790_000_100_000 });
  const verifier = new ChainVerifier();
  expect(told(verifyAll([...own, ...other], verifier))).toEqual([
    'new boot',
    'continuous, seal good',
    'new boot',
    'continuous, seal key changed',
  ]);
  expect(verifier.summary(0)).toMatchObject({ key: first.publicKey, sealedTo: 0, trust: 'first use' });
});

test('holds seals against the key that a person enrolled', () => {
  const [own, other] = [generateKeys(), generateKeys()];
  const verifier = new ChainVerifier();
  verifier.enrol(0, own.publicKey);
  expect(told(verifyAll(streamOf(1, { keys: other }), verifier))).toEqual(['new boot, seal key changed']);
  const next = streamOf(1, { keys: own, boot: 'cc'.repeat(16), startMs: 1_790_000_100_000 });
  expect(told(verifyAll(next, verifier))).toEqual(['new boot, seal good']);
  expect(verifier.summary(0)).toMatchObject({ key: own.publicKey, trust: 'enrolled', sealedTo: 1 });
  expect(() => verifier.enrol(0, 'abc')).toThrow('abc: expected a public key of 64 hex digits');
});

test('goes on from a sealed frame of the enrolled key, not from unsealed ones that it does not fit', () => {
  const keys = generateKeys();
  const own = streamOf(200, { keys });
  const forged = streamOf(200, { load: 0.1 }).map(({ payload }) => ({ payload, seal: null }));
  const after = (...sent: readonly Sent[]) => {
    const verifier = new ChainVerifier();
    verifier.enrol(0, keys.publicKey);
    verifyAll(own.slice(0, 90), verifier);
    const outcomes = told(verifyAll(sent, verifier)).slice(-3);
    return { outcomes, sealedTo: verifier.summary(0)?.sealedTo };
  };
  // Up to the place before the seal, and in its place.
  expect(after(...forged.slice(90, 179), at(179, own), at(180, own), at(181, own))).toEqual({
    outcomes: ['broken, seal good', 'continuous', 'continuous'],
    sealedTo: 180,
  });
  expect(after(...forged.slice(90, 180), at(179, own), at(180, own), at(181, own))).toEqual({
    outcomes: ['fork, seal good', 'continuous', 'continuous'],
    sealedTo: 180,
  });
  // Older than where the chain stands: it may be a replay.
  expect(after(...own.slice(90, 185), ...forged.slice(185, 186), at(179, forged), at(179, own))).toEqual({
    outcomes: ['broken', 'fork', 'duplicate, seal good'],
    sealedTo: 180,
  });
  expect(after(...forged.slice(90, 185), at(179, own))).toMatchObject({ sealedTo: 90 });
});

test('does not believe a seal against other frames while its key is trusted on first use', () => {
  const keys = generateKeys();
  const own = streamOf(180, { keys });
  const forged = streamOf(179, { load: 0.1 }).map(({ payload }) => ({ payload, seal: null }));
  const verifier = new ChainVerifier();
  const outcomes = told(verifyAll([...own.slice(0, 90), ...forged.slice(90), at(179, own)], verifier));
  expect(outcomes.at(-1)).toBe('broken, seal good');
  expect(verifier.summary(0)).toMatchObject({ sealedTo: 90, trust: 'first use' });
});

test.each([
  ['of another payload', (seal: NonNullable<Sent['seal']>) => ({ ...seal, signature: '0'.repeat(128) })],
  ['that is no hex', (seal: NonNullable<Sent['seal']>) => ({ ...seal, signature: 'xyz' })],
  ['by a key that is no key', (seal: NonNullable<Sent['seal']>) => ({ ...seal, key: 'xyz' })],
  ['by a key of the wrong length', (seal: NonNullable<Sent['seal']>) => ({ ...seal, key: `${seal.key}00` })],
  ['by a key off the curve', (seal: NonNullable<Sent['seal']>) => ({ ...seal, key: 'ff'.repeat(32) })],
])('refuses a seal %s, and pins nothing', (_, spoil) => {
  const [sent] = streamOf(1);
  if (sent?.seal == null) throw new Error('the last frame of a boot has a seal');
  const verifier = new ChainVerifier();
  expect(step(verifier, { ...sent, seal: spoil(sent.seal) })).toMatchObject({
    joint: 'new boot',
    seal: 'bad',
  });
  expect(verifier.summary(0)).toMatchObject({ key: null, trust: 'none', sealedTo: 0 });
});

test('goes on from its saved bytes as if it had never stopped', () => {
  fc.assert(
    fc.property(fc.nat(199), (split) => {
      const slab = new Uint8Array(CHAIN_STATE_BYTES);
      verifyAll(stream.slice(0, split), new ChainVerifier(slab));
      const resumed = verifyAll(stream.slice(split), new ChainVerifier(Uint8Array.from(slab)));
      expect(told(resumed)).toEqual(told(verifyAll(stream)).slice(split));
    }),
    { numRuns: 20 },
  );
});

test('keeps the nodes of a slab apart', () => {
  const verifier = new ChainVerifier(new Uint8Array(3 * CHAIN_STATE_BYTES));
  for (const sent of stream.slice(0, 70)) {
    const { frame } = decodeFrame(sent.payload);
    for (const slot of [2, 0]) {
      expect(HONEST.has(verifier.step(slot, frame, sent.payload, sent.seal).joint)).toBe(true);
    }
  }
  expect(verifier.summary(1)).toBeNull();
});
