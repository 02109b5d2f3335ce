import { expect, test } from 'vitest';
import { buildRegister } from '#libs/detect/register.ts';
import { gradeOf } from '#libs/detect/trust.ts';
import { Chain } from '#libs/evidence/chain.ts';
import { generateKeys } from '#libs/evidence/keys.ts';
import { digestOf } from '#libs/evidence/seal.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { ChainCheck } from '#services/detector/chain-check.ts';
import { bootName, frame, START_MS } from '#test/unit/detect/world.ts';
import { nodeRecord } from './world.ts';

test('the chain of an enrolled node goes on from its own seal after unsealed frames of another hand', () => {
  const keys = generateKeys();
  const record = nodeRecord('n1', { publicKey: keys.publicKey, enrolled: true });
  const register = buildRegister([record], []);
  const check = new ChainCheck(() => register);
  const decoder = new FrameDecoder();
  const chain = new Chain(bootName('a'), keys);
  const payloadOf = (sequence: number, previous: Uint8Array, samples: number) =>
    encodeFrame(
      frame({ boot: chain.boot, sequence, previous, samples, endMs: START_MS + sequence * 10_000 }),
    );
  const own = () => {
    const payload = payloadOf(chain.nextSequence, chain.previous, 10);
    return { payload, seal: chain.append(payload) };
  };
  const gradeFor = ({ payload, seal }: ReturnType<typeof own>) =>
    gradeOf(check.of(payload, seal)(0, decoder.decode(payload)));

  const first = Array.from({ length: 90 }, () => gradeFor(own()));
  expect(first.join('')).toBe(`${'D'.repeat(89)}C`);
  let { previous } = chain;
  for (let sequence = 91; sequence < 180; sequence++) {
    const payload = payloadOf(sequence, previous, 1);
    previous = digestOf(payload);
    // Chained to the seal, and not yet signed: the grade says that it covers no more.
    expect(gradeFor({ payload, seal: null })).toBe('C');
  }
  const contested = Array.from({ length: 90 }, () => gradeFor(own()));
  expect(contested.at(-1)).toBe('X');
  const next = Array.from({ length: 90 }, () => gradeFor(own()));
  expect(next.join('')).toBe('C'.repeat(90));
});
