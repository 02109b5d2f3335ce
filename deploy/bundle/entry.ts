import process from 'node:process';
import { runReplaced } from '#services/agent/run.ts';

/** Entry of the bundle's second file: what the agent's process becomes once its configuration has been read. */
await runReplaced(process.env.DAVYLAMP_AGENT_CHECKED_SETTINGS ?? '');
