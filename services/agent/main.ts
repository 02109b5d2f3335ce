#!/usr/bin/env node
import process from 'node:process';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { loadAgentConfig } from './config.ts';
import { replaceProcess } from './replace.ts';

await runUntilSignal(async (stack) => {
  const settings = loadAgentConfig();
  await replaceProcess(settings, process.env);
  const { runAgent } = await import('./run.ts');
  await runAgent(settings, stack);
});
