import { outletContract } from './contract.ts';
import { openBusWorld } from './world.ts';

outletContract(openBusWorld, 2_000);
