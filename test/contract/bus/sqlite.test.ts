import { describeBus } from './contract.ts';
import { sqliteWorld } from './world.ts';

describeBus('SQLite', sqliteWorld);
