/**
 * A load like proof-of-work on a CPU, made by the tests' own code and offline: double SHA-256 and scrypt over random
 * bytes, one process a core, until it is ended, its parent is gone, or a quarter of an hour has passed. It looks for
 * nothing and finds nothing.
 */
import { createHash, randomBytes, scryptSync } from 'node:crypto';

const endMs = Date.now() + 15 * 60_000;
const parent = process.ppid;
const header = randomBytes(80);
const wanted = (nonce: number) => nonce % 50_000 !== 0 || (process.ppid === parent && Date.now() < endMs);

for (let nonce = 0; wanted(nonce); nonce++) {
  header.writeUInt32LE(nonce >>> 0, 76);
  const once = createHash('sha256').update(header).digest();
  const twice = createHash('sha256').update(once).digest();
  if (nonce % 50_000 === 0) scryptSync(header, twice, 32, { N: 1024, r: 1, p: 1 });
}
