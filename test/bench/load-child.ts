/** One load into a bus that keeps nothing, in a process of its own: `node load-child.ts NODES GPUS`. */
import process from 'node:process';
import { writeLoad } from '#services/cli/demo/load.ts';
import { LOAD_GPUS } from '#services/cli/demo/load-fleet.ts';

const [nodes = 0, gpuCount = 0] = process.argv.slice(2).map(Number);
const gpus = LOAD_GPUS.find((count) => count === gpuCount) ?? 0;
let bytes = 0;
const bus = {
  publish: async (messages: readonly { readonly value: Uint8Array }[]) => {
    for (const { value } of messages) bytes += value.length;
  },
};
const steps = Math.max(1, Math.round(1_000_000 / nodes));
const plan = { nodes, gpus, seed: 1, minutes: steps / 6, rate: null };
const outcome = await writeLoad(bus, plan, new AbortController().signal);
process.stdout.write(JSON.stringify({ ...outcome, bytes }));
