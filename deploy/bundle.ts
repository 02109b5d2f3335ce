import { chmod, copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'vite';
import packageJson from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const TARGET = join(import.meta.dirname, 'dist', 'davylamp-agent');

/**
 * Bundles the agent: `node deploy/bundle.ts` writes `deploy/dist/davylamp-agent/`, or the folder named, which runs with
 * plain Node on machines of this one's platform. `agent.mjs` reads the configuration and becomes `run.mjs`; chunks that only some
 * settings need lie beside them.
 */
async function bundleAgent(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    resolve: { alias: { koffi: join(import.meta.dirname, 'bundle', 'koffi.ts') } },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node24',
      outDir: target,
      emptyOutDir: false,
      minify: true,
      rollupOptions: {
        input: {
          agent: join(ROOT, 'services/agent/main.ts'),
          run: join(import.meta.dirname, 'bundle', 'entry.ts'),
        },
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
  });
  await copyNative(target);
  const { name, version, license, engines } = packageJson;
  const about = { name: `${name}-agent`, version, license, engines, type: 'module', bin: './agent.mjs' };
  await writeFile(join(target, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
  await chmod(join(target, 'agent.mjs'), 0o755);
}

async function copyNative(target: string): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const folder = join(ROOT, 'node_modules', '@koromix', `koffi-${platform}`);
  for (const variant of await readdir(folder, { withFileTypes: true })) {
    if (!variant.isDirectory()) continue;
    const name = variant.name.startsWith('musl') ? 'koffi-musl.node' : 'koffi.node';
    await copyFile(join(folder, variant.name, 'koffi.node'), join(target, name));
  }
}

const target = process.argv[2] ?? TARGET;
await bundleAgent(target);
for (const file of await readdir(target)) {
  const { size } = await stat(join(target, file));
  console.log(`${String(Math.ceil(size / 1024)).padStart(6)} KiB  ${file}`);
}
