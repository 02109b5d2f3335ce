import { expect, test } from 'vitest';
import { recordedFlows } from '#libs/traces/recording/network-trace.ts';
import { parseCsv } from '#libs/traces/recording/parse-csv.ts';
import { networkSection, type RecordedNetwork } from '#services/cli/evaluate/traces/network.ts';

const HEAD = 'time_s,flow,direction,remote_port,ip_bytes,behaviour';

/** A share of `up` bytes and its reply every `every` seconds, for `seconds`. */
function session(
  id: string,
  label: string,
  every: number,
  up: number,
  down: number,
  seconds = 300,
): RecordedNetwork {
  const rows: string[] = [];
  for (let time = 0; time <= seconds; time += every) {
    rows.push(`${time},f,up,3333,${up},${label}`, `${time + 0.2},f,down,3333,${down},${label}`);
  }
  return { id, flows: recordedFlows(parseCsv([HEAD, ...rows].join('\n'))) };
}

test('packets become connections: bytes each way, age, seconds with payload, the busiest frame', () => {
  const rows = [
    '0,a,up,1,300,pool_session',
    '0.5,a,up,1,200,pool_session',
    '4,a,down,1,52,pool_session',
    '25,a,down,1,900,pool_session',
  ];
  const [flow] = recordedFlows(parseCsv([HEAD, ...rows, '3,b,up,1,80,', '4,b,up,1,80,ordinary'].join('\n')));
  expect(flow).toEqual({
    peer: 'a',
    ageSeconds: 25,
    bytesUp: 500,
    bytesDown: 952,
    // The acknowledgement of 52 bytes carries nothing.
    activeSecondsUp: 1,
    activeSecondsDown: 1,
    busiestUp: 500,
    busiestDown: 900,
    label: 'pool_session',
  });
  const [, mixed] = recordedFlows(
    parseCsv([HEAD, ...rows, '3,b,up,1,80,', '4,b,up,1,80,ordinary'].join('\n')),
  );
  expect(mixed?.label).toBe('');
});

test('a session like those of other sources is taken for one, a download is not', () => {
  const section = networkSection([
    session('one', 'pool_session', 20, 260, 400),
    session('two', 'pool_session', 25, 300, 350),
    session('bulk', 'ordinary', 1, 1_500, 60_000),
  ]);
  const taken = new Map(section?.rows.map(([source, , , count]) => [source, count]));
  expect(taken.get('one, left out')).toBe(1);
  expect(taken.get('two, left out')).toBe(1);
  expect(taken.get('bulk')).toBe(0);
});

test('one source alone has nothing to be compared with', () => {
  expect(networkSection([session('one', 'pool_session', 20, 260, 400)])).toBeNull();
});
