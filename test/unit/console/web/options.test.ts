import { expect, test } from 'vitest';
import { EVERYTHING, toggled } from '#services/console/web/fleet/filter.ts';
import { readOptions, writeOptions } from '#services/console/web/fleet/options.ts';

const search = (address: string) => new URL(address, 'http://console').search;

test('what the board shows is in its address, and is read from it again', () => {
  const faceted = toggled(toggled(EVERYTHING, 'heartbeat', 'blind'), 'behaviour', 'B5');
  const filter = { ...toggled(faceted, 'behaviour', 'B4'), text: 'n0 oslo', tenant: '–', site: 'a & b' };
  const options = { span: 'week', colourBy: 'grade', view: 'table', filter, page: 3 } as const;
  expect(readOptions(search(writeOptions(options)))).toEqual(options);
});

test('what is usual is not in the address, and what no board shows is not read from it', () => {
  expect(writeOptions(readOptions(''))).toBe('/');
  expect(readOptions('?span=year&view=x&grade=Z&heartbeat=loud&page=-2')).toEqual(readOptions(''));
});
