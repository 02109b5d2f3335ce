import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** `vite --config services/console/vite.config.ts` serves the pages beside a console that runs on its default port. */
export default defineConfig({
  root: fileURLToPath(new URL('./web', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('./dist', import.meta.url)),
    emptyOutDir: true,
    // The palette is written with light-dark(): these browsers, of 2024, know it.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the console allows no inline module and no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8420' } },
});
