import { alertmanager } from './alertmanager.ts';
import { influxdb1 } from './influxdb1.ts';
import { influxdb2 } from './influxdb2.ts';
import { kafka, kafka39 } from './kafka.ts';
import { postgresql } from './postgresql.ts';
import { redis } from './redis.ts';
import type { Server } from './server.ts';
import { victoria } from './victoria.ts';

/** Every server that tests can use, in the order they are started and listed. */
export const servers: readonly Server[] = [
  kafka,
  kafka39,
  redis,
  postgresql,
  influxdb1,
  victoria,
  alertmanager,
  influxdb2,
];

/** Servers that may be absent even where every test must run: the rows marked *not run* in the support table. */
export const notRun: readonly string[] = ['influxdb2'];
