import { expect, test } from 'vitest';
import { recordedFlows } from '#libs/traces/recording/network-trace.ts';
import { parseCsv } from '#libs/traces/recording/parse-csv.ts';

const PAYLOAD = [
  'time_s,flow,direction,remote_port,payload_bytes,behaviour',
  '3.000,f0,up,3333,40,pool_session',
  '3.000,f0,down,3333,41,pool_session',
  '14.000,f0,up,3333,120,pool_session',
  '63.000,f0,down,3333,500,pool_session',
].join('\n');

test('bytes of a connection by seconds are payload: every second with some is active', () => {
  expect(recordedFlows(parseCsv(PAYLOAD))).toEqual([
    {
      peer: 'f0',
      label: 'pool_session',
      ageSeconds: 60,
      bytesUp: 160,
      bytesDown: 541,
      activeSecondsUp: 2,
      activeSecondsDown: 2,
      busiestUp: 120,
      busiestDown: 500,
    },
  ]);
});

test('of packets, those without payload make no second active', () => {
  const packets = PAYLOAD.replace('payload_bytes', 'ip_bytes');
  expect(recordedFlows(parseCsv(packets))).toMatchObject([{ activeSecondsUp: 1, activeSecondsDown: 1 }]);
});
