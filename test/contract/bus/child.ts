/** Another process on a test's log: `node child.ts <settings JSON> <topic> <count>`. Ends by itself once it has closed. */
import { pino } from 'pino';
import { openBus } from '#libs/bus/open.ts';
import { numbered } from './world.ts';

const [settings = '', topicName = '', count = '0'] = process.argv.slice(2);
const bus = await openBus(JSON.parse(settings), pino({ level: 'silent' }));
const consumption = await bus.subscribe({
  group: 'child',
  topics: [topicName],
  from: 'latest',
  deliver: async () => undefined,
});
await bus.publish(numbered(topicName, Number(count)));
await consumption.stop();
await bus.close();
