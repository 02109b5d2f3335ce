import type { Process, Workload } from '../workload.ts';

/** DOMAIN 6.1 and 6.3, B8: 20 to 60 W, the rhythm of slots, many peers. Numbers: starting values. */
const VALIDATOR = {
  peers: 40,
  slotSeconds: 12,
  cpu: 0.05,
  slotCpu: 0.12,
  /** A block to some of the peers in the first seconds of a slot; gossip all the time. */
  blockBytes: 90_000,
  gossipBytes: 1_800,
};

/** A node that votes: little power, steady small writes, and peers that all speak in the same seconds. */
export const validator: Workload = {
  name: 'validator',
  behaviour: 'B8',
  start: ({ random }): Process => {
    const peers = Array.from({ length: VALIDATOR.peers }, (_, index) => ({
      peer: `peer-${index}`,
      eagerness: random.uniform(),
    }));
    return (timeMs, into) => {
      const second = Math.floor(timeMs / 1000) % VALIDATOR.slotSeconds;
      const opening = second < 3;
      into.host.cpu = opening ? VALIDATOR.slotCpu : VALIDATOR.cpu;
      into.host.memory = 0.22;
      into.host.diskWrite = opening ? 3e6 : 5e5;
      for (const { peer, eagerness } of peers) {
        const block = opening && random.uniform() < eagerness / 3 ? VALIDATOR.blockBytes : 0;
        const gossip = random.uniform() < 0.6 ? VALIDATOR.gossipBytes * random.exponential() : 0;
        into.flows.push({ peer, up: gossip + block * eagerness * 0.4, down: gossip + block });
      }
    };
  },
};
